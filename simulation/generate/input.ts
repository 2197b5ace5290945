import type { CaseRun } from '../case.ts';
import type { Choices } from './choices.ts';
import { CLUSTER, type Group } from './scenario.ts';

type Input = CaseRun['input'];

/** How many at a time, and with how many more nodes. */
function updateConfig(choices: Choices): Input {
  const parallelism = choices.one<Input>([
    {},
    {},
    { maxUnavailable: choices.between(1, 3) },
    { maxUnavailablePercentage: choices.one([25, 34, 50, 100]) },
  ]);
  return {
    ...parallelism,
    ...(choices.chance(0.2) && { updateStrategy: 'MINIMAL' }),
    ...(choices.chance(0.15) && { surge: choices.between(1, 3) }),
  };
}

/** What any input may say; short times, so that a world is simulated quickly. */
function settings(choices: Choices): Input {
  return {
    updateConfig: updateConfig(choices.of('updateConfig')),
    drainTimeoutSeconds: choices.between(90, 300),
    cordonWaitSeconds: choices.one([0, 5, 20, 60]),
    ...(choices.chance(0.1) && { nodeReadyTimeoutSeconds: 300 }),
    ...(choices.chance(0.1) && { force: true }),
    ...(choices.chance(0.15) && { failurePolicy: 'halt' }),
    ...(choices.chance(0.1) && { blockedNodes: 'leaveCordoned' }),
    ...(choices.chance(0.1) && { pods: { unmanaged: 'refuse' } }),
  };
}

/** Some of the nodes with which a group begins. */
const someNodes = (choices: Choices, nodes: number): string[] => {
  const chosen = Array.from({ length: nodes }, (_, index) => `#${index + 1}`).filter(() => choices.chance(0.5));
  return chosen.length > 0 ? chosen : ['#1'];
};

/** Input of the upgrade of one group by our own steps. */
export const groupInput = (choices: Choices, { name, managed, desiredCapacity }: Group): Input => ({
  clusterName: CLUSTER,
  ...(managed === undefined
    ? { autoScalingGroupName: name }
    : { nodegroupName: managed.nodegroupName, engine: 'workflow' }),
  ...settings(choices),
  ...(managed === undefined && choices.chance(0.1) && { nodes: someNodes(choices, desiredCapacity) }),
  ...(desiredCapacity > 2 && choices.chance(0.1) && { canary: { nodes: 1, bakeSeconds: choices.one([0, 60, 300]) } }),
});

/** Input of an update that EKS carries out. */
export const eksInput = (choices: Choices, { managed }: Group): Input => ({
  clusterName: CLUSTER,
  nodegroupName: managed?.nodegroupName,
  ...(choices.chance(0.3) && { force: true }),
});

/** Input of the upgrade of all groups of a cluster. */
export const clusterInput = (choices: Choices): Input => ({
  clusterName: CLUSTER,
  nodegroups: 'all',
  ...(choices.chance(0.5) && { maxParallelNodegroups: 2 }),
  ...(choices.chance(0.5) && { onNodegroupFailure: 'continue' }),
  ...settings(choices),
});
