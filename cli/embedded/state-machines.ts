import type { Sandbox } from 'eks-sandbox';
import type { MachineSource } from 'eks-sandbox/step-functions';
import statemachines from '../../statemachines/load.cjs';

const NODE_MACHINE = 'eks-nodegroup-upgrade-dev-upgrade-node';

/** The state machines as the deployed stack `dev` has them, under the logical ids of serverless.yml. The state machine of one group comes first. */
export const stateMachines = (): MachineSource[] => [
  {
    name: 'eks-nodegroup-upgrade-dev-upgrade-nodegroup',
    logicalId: 'UpgradeNodegroup',
    definition: statemachines.upgradeNodegroup(),
  },
  {
    name: 'eks-nodegroup-upgrade-dev-upgrade-cluster',
    logicalId: 'UpgradeCluster',
    definition: statemachines.upgradeCluster(),
  },
  {
    name: NODE_MACHINE,
    logicalId: 'UpgradeNode',
    definition: statemachines.upgradeNode(),
  },
];

/** What the functions find in UPGRADE_NODE_STATE_MACHINE_ARN. */
export function nodeStateMachineArn({ stepFunctions }: Pick<Sandbox, 'stepFunctions'>): string {
  const machine = stepFunctions.machines.find(({ name }) => name === NODE_MACHINE);
  if (machine === undefined) throw new Error(`the sandbox has no state machine ${NODE_MACHINE}`);
  return machine.arn;
}
