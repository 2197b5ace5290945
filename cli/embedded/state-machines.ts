import type { MachineSource } from 'eks-sandbox/step-functions';
import statemachines from '../../statemachines/load.cjs';

/** The state machines as the deployed stack `dev` has them, under the logical ids of serverless.yml. The state machine of one group comes first. */
export const stateMachines = (): MachineSource[] => [
  {
    name: 'eks-nodegroup-upgrade-dev-upgrade-nodegroup',
    logicalId: 'UpgradeNodegroup',
    definition: statemachines.upgradeNodegroup(),
  },
  {
    name: 'eks-nodegroup-upgrade-dev-upgrade-node',
    logicalId: 'UpgradeNode',
    definition: statemachines.upgradeNode(),
  },
  {
    name: 'eks-nodegroup-upgrade-dev-upgrade-cluster',
    logicalId: 'UpgradeCluster',
    definition: statemachines.upgradeCluster(),
  },
];

/** ARN of the state machine that upgrades one node. */
export const nodeStateMachineArn = (machines: readonly { readonly name: string; readonly arn: string }[]): string | undefined =>
  machines.find(({ name }) => name.endsWith('-upgrade-node'))?.arn;
