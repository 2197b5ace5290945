import assert from 'node:assert/strict';
import { createStepFunctionsService, type Execution } from 'eks-sandbox/step-functions';
import { stackFunctions } from '../../cli/embedded/stack-functions.ts';
import type { FurtherFunctions } from '../../cli/embedded/virtual-sandbox.ts';
import { type GroupRecord, LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import type { Lease } from '../../domain/types.ts';
import { CLUSTER, GROUP, NEW_AMI, nodePatches, OLD_AMI, type UpgradeWorld } from './run-upgrade.ts';

/** Events of the functions, and none for the janitor but those that a test leaves it. */
const janitorWith = (isWanted: (event: object) => boolean) => {
  const { cleanUpEndedRuns, ...others } = stackFunctions();
  const events = (cleanUpEndedRuns?.events ?? []).filter(isWanted);
  return { steps: new Map(), stack: { ...others, cleanUpEndedRuns: { ...cleanUpEndedRuns, events } } };
};
const isScheduled = (event: object) => JSON.stringify(event).includes('"schedule"');

/** What calls the janitor in a world. */
export const JANITOR: Readonly<Record<'always' | 'byEvent' | 'bySchedule' | 'never', FurtherFunctions>> = {
  always: { steps: new Map() },
  byEvent: janitorWith((event) => !isScheduled(event)),
  bySchedule: janitorWith(isScheduled),
  never: janitorWith(() => false),
};

/** Stop an execution as an operator does in the console. */
export async function stopExecution({ stepFunctions, region }: UpgradeWorld, { arn }: Execution): Promise<void> {
  const caller = { caller: 'AKIAOPERATOR', region: 'eu-west-1', accountId: region.state.scenario.accountId };
  await createStepFunctionsService(stepFunctions).dispatch('StopExecution', { executionArn: arn }, caller);
}

const findLease = (sandbox: UpgradeWorld, group: string) =>
  (sandbox.stores.get(CLUSTER)?.list('leases') ?? []).find(
    ({ metadata }) => metadata.namespace === LEASE_NAMESPACE && metadata.name === leaseName(group),
  ) as
    | { metadata: { uid: string; annotations?: Lease['annotations'] }; spec?: { holderIdentity?: string } }
    | undefined;

/** The record of a group as it stands in its Lease. */
export function recordIn(sandbox: UpgradeWorld, group = GROUP): GroupRecord | undefined {
  const lease = findLease(sandbox, group);
  if (lease === undefined) return undefined;
  const { metadata, spec } = lease;
  return readRecord({
    name: leaseName(group),
    uid: metadata.uid,
    resourceVersion: '',
    holder: spec?.holderIdentity ?? '',
    annotations: metadata.annotations ?? {},
  });
}

/** Set an annotation of the Lease by hand, as kubectl does; `undefined` removes it. */
export const annotate = (sandbox: UpgradeWorld, key: string, value: string | undefined) =>
  sandbox.stores.get(CLUSTER)?.change('leases', LEASE_NAMESPACE, leaseName(GROUP), (lease) => {
    const { [key]: _, ...rest } = lease.metadata.annotations ?? {};
    const annotations = value === undefined ? rest : { ...rest, [key]: value };
    return { ...lease, metadata: { ...lease.metadata, annotations } };
  });

export const inHand = (sandbox: UpgradeWorld) =>
  sandbox.nodes().filter(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] !== undefined);

/** Instances whose drain has begun so far, in this order. */
export const drainsBegun = (sandbox: UpgradeWorld): string[] => [
  ...new Set(
    nodePatches(sandbox.wire.entries)
      .filter(({ body }) => body.metadata?.labels?.[IN_HAND_LABEL])
      .map(({ nodeName }) => nodeName),
  ),
];

/** Let time pass until so many drains have begun. */
export const untilBegun = (sandbox: UpgradeWorld, nodes: number) =>
  sandbox.clock.runUntil(() => drainsBegun(sandbox).length >= nodes, 3600);

export const untilEnded = (sandbox: UpgradeWorld, ...executions: Execution[]) =>
  sandbox.clock.runUntil(() => executions.every(({ status }) => status !== 'RUNNING'), 6 * 3600);

/** Nodes on which something of ours is left, or that take no pods. */
export const unclean = (sandbox: UpgradeWorld): string[] =>
  sandbox
    .nodes()
    .filter(({ metadata, spec }) => {
      const text = JSON.stringify([metadata.labels, metadata.annotations, spec?.taints]);
      return /eks-nodegroup-upgrade|nodegroup=|scale-down-disabled/.test(text) || spec?.unschedulable === true;
    })
    .map(({ metadata }) => metadata.name);

/** Tags of ours on the group. */
export const ownTags = (sandbox: UpgradeWorld): string[] =>
  Object.keys(sandbox.group().tags).filter((key) => key.startsWith('eks-nodegroup-upgrade'));

export const outdated = (sandbox: UpgradeWorld): number => sandbox.amis().filter((ami) => ami === OLD_AMI).length;

/** Executions of nodes, in the order in which they were started. */
export const nodeExecutions = ({ stepFunctions }: UpgradeWorld): readonly Execution[] =>
  stepFunctions.machines.flatMap((machine) =>
    machine.name.endsWith('-upgrade-node') ? stepFunctions.executionsOf(machine) : [],
  );

/** A group that runs the target on all its nodes, with nothing of ours anywhere. */
export function assertUpgraded(sandbox: UpgradeWorld, sizes = { minSize: 3, maxSize: 7, desiredCapacity: 6 }): void {
  const { tags: _, ...seen } = sandbox.group();
  assert.deepEqual(seen, { ...sizes, suspended: [] });
  assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  assert.deepEqual([unclean(sandbox), ownTags(sandbox), recordIn(sandbox)], [[], [], undefined]);
}
