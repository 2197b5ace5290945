import { createRandom, createVirtualClock } from 'eks-sandbox/clock';
import { createStepFunctions, type Json, type StepFunctions, toPayload } from 'eks-sandbox/step-functions';
import { stateMachines } from '../../../cli/embedded/state-machines.ts';
import { EMULATED_ACCOUNT } from '../harness/emulators.ts';
import type { Course } from './recorded.ts';

/** Answers of each function, one a call; the last one stands for all calls after it. An Error is thrown. */
type Answers = Readonly<Record<string, readonly (Json | Error)[]>>;

const LONGEST_SECONDS = 7200;
const failure = (name: string) => Object.assign(new Error(`${name}, says the test`), { name });

/** Run executions of a machine, one after another, whose functions only say what they are told to. */
async function run(
  machine: number,
  name: string,
  courses: readonly (readonly [Json, Answers])[],
): Promise<StepFunctions> {
  const clock = createVirtualClock(Date.UTC(2026, 0, 4, 3));
  let answers: Answers = {};
  let calls = new Map<string, number>();
  const stepFunctions = createStepFunctions({
    definitions: stateMachines(),
    clock,
    random: createRandom(1),
    region: 'eu-west-1',
    accountId: EMULATED_ACCOUNT,
    async invokeFunction(key) {
      const call = calls.get(key) ?? 0;
      calls.set(key, call + 1);
      const told = answers[key];
      const answer = told?.[Math.min(call, told.length - 1)];
      if (answer === undefined) throw new Error(`the course has no answer of ${key}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  for (const [index, [input, told]] of courses.entries()) {
    [answers, calls] = [told, new Map()];
    const started = stepFunctions.machines[machine];
    if (started === undefined) throw new Error('there is no such machine');
    const execution = stepFunctions.start(started, toPayload(input), `${name}-${index + 1}`);
    await clock.runUntil(() => execution.status !== 'RUNNING', LONGEST_SECONDS);
  }
  return stepFunctions;
}

const nodeOf = (instanceId: string, enters = 'drain') => ({
  run: { cordonWaitSeconds: 60 },
  node: { instanceId, enters },
  drain: { status: 'pending' },
});
const DRAINED = { status: 'drained' };
const CORDONED = { status: 'cordoned' };

const NODES: readonly (readonly [Json, Answers])[] = [
  // As somebody starts it by hand.
  [{ ...nodeOf('i-by-hand'), drain: {} }, { drainNode: [{ status: 'skipped', reason: 'no licence' }] }],
  [nodeOf('i-absent'), { drainNode: [{ status: 'absent', reason: 'it has left' }] }],
  [nodeOf('i-skipped'), { drainNode: [{ status: 'skipped', reason: 'no licence' }] }],
  [
    nodeOf('i-unregistered'),
    {
      drainNode: [{ status: 'unregistered' }],
      terminateInstance: [{ status: 'gone', reason: 'Spot', decrement: 'no' }],
    },
  ],
  [
    nodeOf('i-occupied', 'terminate'),
    {
      terminateInstance: [{ status: 'occupied' }, { status: 'terminating', decrement: 'done' }],
      drainNode: [{ status: 'draining', waitSeconds: 20 }, DRAINED],
      cordonNode: [CORDONED],
    },
  ],
  [nodeOf('i-unlicensed', 'terminate'), { terminateInstance: [{ status: 'skipped', reason: 'no licence' }] }],
  [
    nodeOf('i-kept', 'terminate'),
    { terminateInstance: [{ status: 'atMinimum', reason: 'MinSize', decrement: 'refused' }] },
  ],
  [nodeOf('i-failing', 'terminate'), { terminateInstance: [failure('AccessDenied')] }],
];

const UPGRADING = { status: 'upgrading', waitSeconds: 0, returns: 0 };
const DONE = { ...UPGRADING, status: 'done' };
const UNTIL_UPGRADE: Answers = {
  planUpgrade: [{ isDryRun: false, status: 'planned', run: { engine: 'workflow', updateStrategy: 'DEFAULT' } }],
  acquireLock: [{ status: 'acquired' }],
  createLaunchTemplateVersion: [{ version: '4' }],
  updateAutoScalingGroup: [{ minSize: 1 }],
  scaleUp: [{ surge: 1 }, { surge: 2 }],
  checkNewNodes: [{ status: 'booting' }, { status: 'slow', slowBoots: { seconds: 400 } }, { status: 'ready' }],
  taintOutdatedNodes: [{ tainted: 1 }],
  completeUpgrade: [{ status: 'succeeded' }],
};

const NODEGROUPS: readonly (readonly [Json, Answers])[] = [
  [
    { clusterName: 'shop' },
    {
      ...UNTIL_UPGRADE,
      upgradeNodes: [{ ...UPGRADING, status: 'moreSurge' }, UPGRADING, DONE],
      scaleDown: [{ status: 'notDone', upgrade: { ...UPGRADING, returns: 1 } }, { status: 'done' }],
    },
  ],
  // An answer without what the next state reads.
  [
    { clusterName: 'shop' },
    { ...UNTIL_UPGRADE, upgradeNodes: [{ status: 'upgrading' }], recoverFromFailure: [{ error: 'A', cause: 'b' }] },
  ],
];

const PLANNED = { isDryRun: false, status: 'planned', run: { maxParallelNodegroups: 1 } };
const selected = (run: string) => ({
  status: 'selected',
  nodegroups: ['a', 'b'].map((name) => ({ name, executionName: `${name}-of-${run}`, input: { clusterName: name } })),
});
const withGroups = (run: string): Answers => ({
  planCluster: [PLANNED],
  selectNodegroups: [selected(run), { status: 'done', nodegroups: [], results: [] }],
  planUpgrade: [failure('AmiNotFound')],
  recoverFromFailure: [{ error: 'AmiNotFound', cause: 'there is none' }],
});

const CLUSTERS: readonly (readonly [Json, Answers])[] = [
  [
    { clusterName: 'shop' },
    {
      ...withGroups('monday'),
      planUpgrade: [{ isDryRun: true, status: 'planned', summary: 'as planned' }],
      completeCluster: [{ status: 'succeeded' }],
    },
  ],
  [{ clusterName: 'shop' }, { planCluster: [{ ...PLANNED, isDryRun: true }] }],
  [{ clusterName: 'shop' }, { planCluster: [{ ...PLANNED, status: 'nothingToDo' }] }],
  [
    { clusterName: 'shop' },
    {
      ...withGroups('tuesday'),
      explainNodegroupFailure: [failure('Runtime.OutOfMemory')],
      completeCluster: [{ status: 'failed', error: 'AmiNotFound', cause: 'a and b' }],
    },
  ],
  [
    { clusterName: 'shop' },
    { planCluster: [failure('ClusterNotFound')], explainClusterFailure: [{ error: 'ClusterNotFound', cause: 'none' }] },
  ],
  [
    { clusterName: 'shop' },
    { planCluster: [failure('ClusterNotFound')], explainClusterFailure: [failure('Runtime.OutOfMemory')] },
  ],
];

/** Ways that worlds seldom go, with invented answers of the functions. */
export const INVENTED_COURSES: readonly Course[] = [
  ['nodes that end in every other way', (name) => run(2, name, NODES)],
  ['an upgrade that needs more surge twice and returns from the scale-down', (name) => run(0, name, NODEGROUPS)],
  ['clusters that are not upgraded', (name) => run(1, name, CLUSTERS)],
];
