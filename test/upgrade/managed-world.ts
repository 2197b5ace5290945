import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import type { NodegroupUpdate } from '../../domain/eks-update/eks-update.ts';
import { CLUSTER, type UpgradeWorld, world } from './run-upgrade.ts';

const NODEGROUP = 'workers';
/** The shortest input for a managed node group: EKS upgrades it. */
export const MANAGED = { clusterName: CLUSTER, nodegroupName: NODEGROUP };
export const OLD_RELEASE = '1.33.5-20251120';
export const NEW_RELEASE = '1.33.5-20251229';

type Changes = NonNullable<Parameters<typeof world>[0]>;
type ManagedInput = NonNullable<NonNullable<Changes['group']>['managed']>;

/** How EKS itself signs in to the sandbox's API server. */
export const OF_EKS = 'Bearer sandbox-eks-node-manager';

/** The usual world, its group managed by EKS. */
export const managedWorld = ({
  managed,
  group,
  ...changes
}: Changes & { managed?: Partial<ManagedInput> } = {}): ScenarioInput =>
  world({ ...changes, group: { ...group, managed: { nodegroupName: NODEGROUP, ...managed } } });

/** What an execution's history says of EKS's update, in each observation. */
export function observationsOf(
  sandbox: UpgradeWorld,
  { history }: Execution,
): { atSeconds: number; update: NodegroupUpdate }[] {
  const startedAt = Date.parse(sandbox.region.state.scenario.startsAt);
  return history.all().flatMap((event) => {
    const { name, output } = (event.stateExitedEventDetails ?? {}) as { name?: string; output?: string };
    if (output === undefined || (name !== 'StartNodegroupUpdate' && name !== 'CheckNodegroupUpdate')) return [];
    const atSeconds = (event.timestamp.getTime() - startedAt) / 1000;
    return [{ atSeconds, update: JSON.parse(output).update as NodegroupUpdate }];
  });
}

/** Requests that EKS itself made to the API server, with the second at which it made them. */
export function requestsOfEks(sandbox: UpgradeWorld, pattern: RegExp) {
  const startedAt = Date.parse(sandbox.region.state.scenario.startsAt);
  return sandbox.wire.entries
    .filter(({ request, action }) => request.headers.authorization === OF_EKS && pattern.test(action))
    .map(({ at, action, status }) => ({ atSeconds: (at - startedAt) / 1000, action, status }));
}

/** What the record of EKS says about the group now. */
export const recordOf = (sandbox: UpgradeWorld) => sandbox.region.state.nodegroups.get(CLUSTER, NODEGROUP);
