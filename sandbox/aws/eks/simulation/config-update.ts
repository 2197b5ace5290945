import { updateGroup } from '../../auto-scaling/actions/update-group.ts';
import type { AutoScalingGroup } from '../../auto-scaling/state/group.ts';
import type { RegionState } from '../../region-state.ts';
import { readTaints, readUpdateConfig } from '../actions/nodegroup-input.ts';
import { invalidParameter } from '../actions/version-target.ts';
import { taintEffects } from '../responses/nodegroup.ts';
import type { Nodegroup, NodeTaint, UpdateConfig } from '../state/nodegroup.ts';
import { errorOf, type Update } from '../state/update.ts';
import { createClusterAccess } from './cluster-access.ts';
import { checkHealthLater } from './health.ts';

/** What a group's configuration becomes; checked, and complete but for the changes of labels and taints. */
export interface ConfigChange {
  readonly labelsToSet: Readonly<Record<string, string>>;
  readonly labelsToRemove: readonly string[];
  readonly taintsToSet: readonly NodeTaint[];
  readonly taintsToRemove: readonly NodeTaint[];
  readonly sizes: {
    readonly minSize?: number | undefined;
    readonly maxSize?: number | undefined;
    readonly desiredSize?: number | undefined;
  };
  readonly updateConfig: UpdateConfig | undefined;
}

/** The changes in a request. */
interface ConfigInput {
  readonly labels?:
    | {
        readonly addOrUpdateLabels?: Readonly<Record<string, string>> | undefined;
        readonly removeLabels?: readonly string[] | undefined;
      }
    | undefined;
  readonly taints?:
    | { readonly addOrUpdateTaints?: TaintsInput | undefined; readonly removeTaints?: TaintsInput | undefined }
    | undefined;
  readonly scalingConfig?: ConfigChange['sizes'] | undefined;
  readonly updateConfig?: Parameters<typeof readUpdateConfig>[0];
}

type TaintsInput = Parameters<typeof readTaints>[0];

/**
 * Check a change of a group's configuration.
 *
 * @throws InvalidParameterException
 * @see https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2508 (minimum)
 * @see https://github.com/ministryofjustice/cloud-platform-infrastructure/pull/4595 (maximum)
 */
export function readConfigChange(
  { autoScaling }: RegionState,
  nodegroup: Nodegroup,
  { labels, taints, scalingConfig = {}, updateConfig }: ConfigInput,
): ConfigChange {
  const refuse = (message: string) => invalidParameter(nodegroup, message);
  const group = autoScaling.groups.get(nodegroup.autoScalingGroupName) as AutoScalingGroup;
  const minSize = scalingConfig.minSize ?? group.minSize;
  const maxSize = scalingConfig.maxSize ?? group.maxSize;
  const desiredSize = scalingConfig.desiredSize ?? group.desiredCapacity;
  if (minSize > desiredSize)
    throw refuse(`Minimum capacity ${minSize} can't be greater than desired size ${desiredSize}`);
  if (desiredSize > maxSize) throw refuse("desiredSize can't be greater than maxSize");
  return {
    labelsToSet: labels?.addOrUpdateLabels ?? {},
    labelsToRemove: labels?.removeLabels ?? [],
    taintsToSet: readTaints(taints?.addOrUpdateTaints ?? [], refuse),
    taintsToRemove: readTaints(taints?.removeTaints ?? [], refuse),
    sizes: scalingConfig,
    updateConfig: updateConfig && readUpdateConfig(updateConfig, nodegroup.updateConfig, maxSize, refuse),
  };
}

const isSame = (one: NodeTaint, other: NodeTaint) => one.key === other.key && one.effect === other.effect;

const changedTaints = (taints: readonly NodeTaint[], { taintsToSet, taintsToRemove }: ConfigChange): NodeTaint[] => [
  ...taints.filter((taint) => ![...taintsToSet, ...taintsToRemove].some((changed) => isSame(changed, taint))),
  ...taintsToSet,
];

const text = (value: unknown) => (typeof value === 'number' ? String(value) : JSON.stringify(value));
const wireTaint = ({ key, value, effect }: NodeTaint) => ({ effect: taintEffects[effect], value, key });

/** A change as DescribeUpdate shows it. */
export function paramsOf(change: ConfigChange): Update['params'] {
  const { labelsToSet, labelsToRemove, taintsToSet, taintsToRemove, sizes, updateConfig } = change;
  const values: [string, unknown][] = [
    ['LabelsToAdd', Object.keys(labelsToSet).length === 0 ? undefined : labelsToSet],
    ['LabelsToRemove', labelsToRemove.length === 0 ? undefined : labelsToRemove],
    ['TaintsToAdd', taintsToSet.length === 0 ? undefined : taintsToSet.map(wireTaint)],
    ['TaintsToRemove', taintsToRemove.length === 0 ? undefined : taintsToRemove.map(wireTaint)],
    ['MinSize', sizes.minSize],
    ['MaxSize', sizes.maxSize],
    ['DesiredSize', sizes.desiredSize],
    ['MaxUnavailable', updateConfig?.maxUnavailable],
    ['MaxUnavailablePercentage', updateConfig?.maxUnavailablePercentage],
  ];
  return [
    ...values.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value: text(value) }])),
    ...(updateConfig === undefined ? [] : [{ type: 'UpdateStrategy', value: updateConfig.updateStrategy }]),
  ];
}

/** Labels and taints of the nodes that there are; those to come get them when they are launched. @throws {UpdateFailure} */
async function changeNodes(state: RegionState, nodegroup: Nodegroup, change: ConfigChange): Promise<void> {
  const access = createClusterAccess(state.asNodeManager(nodegroup.clusterName), state.clock);
  const removed = Object.fromEntries(change.labelsToRemove.map((key) => [key, null]));
  const labels = { ...removed, ...change.labelsToSet };
  for (const { metadata } of await access.nodesOf(nodegroup.name))
    await access.changeNode(metadata.name, ({ spec }) => ({
      metadata: { labels },
      spec: { taints: changedTaints(spec?.taints ?? [], change) },
    }));
}

/** Change the configuration of a group. Sizes change at once, whatever budgets say. */
export function runConfigUpdate(state: RegionState, nodegroup: Nodegroup, update: Update, change: ConfigChange): void {
  const { clock } = state;
  const group = state.autoScaling.groups.get(nodegroup.autoScalingGroupName) as AutoScalingGroup;
  const { labelsToSet, labelsToRemove, taintsToSet, taintsToRemove, sizes } = change;
  const changesNodes =
    Object.keys(labelsToSet).length + labelsToRemove.length + taintsToSet.length + taintsToRemove.length > 0;
  nodegroup.status = 'UPDATING';
  void clock.run(async () => {
    await clock.sleep(1);
    try {
      nodegroup.updateConfig = change.updateConfig ?? nodegroup.updateConfig;
      const { minSize: MinSize, maxSize: MaxSize, desiredSize: DesiredCapacity } = sizes;
      updateGroup(group, { AutoScalingGroupName: group.name, MinSize, MaxSize, DesiredCapacity }, state);
      if (changesNodes) await changeNodes(state, nodegroup, change);
      const kept = Object.entries(nodegroup.labels).filter(([key]) => !labelsToRemove.includes(key));
      nodegroup.labels = { ...Object.fromEntries(kept), ...labelsToSet };
      nodegroup.taints = changedTaints(nodegroup.taints, change);
      update.status = 'Successful';
    } catch (thrown) {
      update.status = 'Failed';
      update.errors = [errorOf(thrown)];
    }
    nodegroup.status = 'ACTIVE';
    nodegroup.modifiedAt = clock.now();
    checkHealthLater(state, group);
  });
}
