import * as z from 'zod';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { BlockingPod, Plan, Run } from '../../domain/state.ts';
import { asSentence, plural } from '../../domain/text.ts';
import type { PlanReport, Setting } from '../model/model.ts';
import { duration } from '../model/text.ts';
import { parseJson } from './history.ts';
import type { Part } from './through-schema.ts';

const seconds = (value: number | undefined): string | undefined => (value === undefined ? undefined : duration(value));

/** What the run settings worth a line are set to, in words. */
export function settingsOf(run: Part<Run>): Setting[] {
  const { pods, force } = run;
  const canary = run.engine === 'workflow' ? run.canary : undefined;
  const settings: [name: string, value: string | undefined][] = [
    ['Engine', run.engine],
    ['Update strategy', run.updateStrategy],
    ['Drain timeout', seconds(run.drainTimeoutSeconds)],
    ['Cordon wait', seconds(run.cordonWaitSeconds)],
    ['Node ready timeout', seconds(run.nodeReadyTimeoutSeconds)],
    ['Force', force === undefined ? undefined : force ? 'delete what is left after the drain timeout' : 'off'],
    ['Failure policy', run.failurePolicy],
    [
      'Canary',
      canary?.nodes === undefined
        ? undefined
        : `${plural(canary.nodes, 'node')}, then wait ${duration(canary.bakeSeconds ?? 0)}`,
    ],
    ['Alarms', run.alarms?.join(', ') || undefined],
    ['Pods without a controller', pods?.unmanaged],
    ['Pods with local storage', pods?.localStorage],
  ];
  return settings.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** A pod as the report shows it: its words as whole sentences. */
export const inSentences = <Pod extends BlockingPod>(pod: Pod): Pod => ({
  ...pod,
  detail: asSentence(pod.detail),
  advice: asSentence(pod.advice),
});

const dryRunSchema = z.object({ plan: z.unknown() });

/** The plan in the output of a dry run, as it was written; `undefined` when there is none. */
export const planIn = (output: string | undefined): unknown => dryRunSchema.safeParse(parseJson(output)).data?.plan;

function launchTemplateOf(run: Part<Run>): PlanReport['launchTemplate'] {
  const { launchTemplateId: id, sourceVersion } = run.target ?? {};
  const targetVersion = run.engine === 'workflow' ? run.target?.launchTemplateVersion : undefined;
  return omitUndefined({ id, sourceVersion, targetVersion });
}

/** What the report says of a plan, however much of it there is. */
export function planReportOf(plan: Part<Plan>): PlanReport {
  const { blockingPods = [] } = plan;
  const run: Part<Run> = plan.run ?? {};
  const { clusterName, nodegroupName, autoScalingGroupName, engine, updateStrategy } = run;
  const { outdatedNodes = [], ...nodes } = plan.nodes ?? {};
  return omitUndefined({
    summary: plan.summary,
    kubernetesVersion: plan.kubernetesVersion,
    isDryRun: plan.isDryRun ?? false,
    isNothingToDo: plan.status === 'nothingToDo',
    clusterName,
    nodegroupName,
    autoScalingGroupName,
    engine,
    updateStrategy,
    zones: plan.group?.zones ?? [],
    instanceTypes: plan.group?.instanceTypes ?? [],
    current: plan.current ?? [],
    target: omitUndefined(plan.target ?? {}),
    launchTemplate: launchTemplateOf(run),
    nodes: omitUndefined({ total: nodes.total, outdated: nodes.outdated }),
    outdatedNodes: outdatedNodes.map(omitUndefined),
    sizes: run.originalSizes ?? {},
    parallelism: plan.parallelism ?? {},
    surge: plan.surge ?? {},
    estimate: plan.estimate ?? {},
    settings: settingsOf(run),
    warnings: plan.warnings ?? [],
    admission: plan.admission,
    blockingPods: blockingPods.map(inSentences),
    blockingPodCount: plan.blockingPodCount ?? blockingPods.length,
  });
}
