import { isoSeconds } from '../../world/clock.ts';
import type { Condition } from '../conditions.ts';
import { deletePod } from '../graceful-deletion.ts';
import { controllerOf, keyOf, splitKey } from '../object-keys.ts';
import { isActive } from '../pod-state.ts';
import { createWorkQueue } from '../work-queue.ts';
import { podFromTemplate } from './pod-template.ts';
import { type ControllerParts, generatePodName } from './replica-sets.ts';
import { writeStatus } from './write-status.ts';

/** Create the controller of Jobs: pods that end, and are replaced when they are taken away before. */
export function createJobController({ clock, store, events, random, tally }: ControllerParts): { drain(): boolean } {
  /** Pods that succeeded, by the Job's uid: they count even when somebody deletes them afterwards. */
  const succeeded = new Map<string, Set<string>>();

  const queue = createWorkQueue(clock, (key) => {
    const [namespace, name] = splitKey(key);
    const job = store.get('jobs', namespace, name);
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const { uid } = job.metadata;
    const { parallelism = 1, completions = parallelism, suspend, template } = job.spec;
    const done = succeeded.get(uid)?.size ?? 0;
    const isComplete = done >= completions;
    const wanted = suspend === true || isComplete ? 0 : Math.min(parallelism, completions - done);
    const missing = wanted - tally.of(uid).active;
    for (let index = 0; index < missing; index += 1) {
      const generateName = `${name}-`;
      const podName = generatePodName(store, random, namespace, generateName);
      store.create('pods', podFromTemplate(job, template, { name: podName, generateName }));
      events.record(job, {
        reason: 'SuccessfulCreate',
        message: `Created pod: ${podName}`,
        component: 'job-controller',
      });
    }
    if (missing < 0)
      for (const pod of store.ownedBy('pods', uid).filter(isActive).slice(missing)) deletePod({ store, clock }, pod);
    const at = isoSeconds(clock.now());
    const { active, ready, failed } = tally.of(uid);
    const wasComplete = job.status?.completionTime !== undefined;
    const conditions: Condition[] = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
      lastProbeTime: at,
      lastTransitionTime: at,
    }));
    writeStatus(store, 'jobs', job, {
      active,
      ready,
      succeeded: done,
      failed,
      terminating: tally.of(uid).terminating,
      startTime: job.status?.startTime ?? at,
      uncountedTerminatedPods: {},
      ...(isComplete && !wasComplete ? { completionTime: at, conditions } : {}),
    });
    if (isComplete && !wasComplete)
      events.record(job, { reason: 'Completed', message: 'Job completed', component: 'job-controller' });
  });

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource === 'jobs') {
      if (type === 'DELETED') succeeded.delete(object.metadata.uid);
      else if (object.spec !== previous?.spec) queue.add(keyOf(object));
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind !== 'Job') return;
      if (object.status?.phase === 'Succeeded' && type !== 'DELETED')
        succeeded.set(owner.uid, (succeeded.get(owner.uid) ?? new Set()).add(object.metadata.uid));
      queue.add(`${object.metadata.namespace}/${owner.name}`);
    }
  });

  return { drain: queue.drain };
}
