import type { AwsError } from '../../aws-error.ts';
import { choice, integer, list, map, required, string, structure, within } from '../../input-shapes.ts';
import { taintEffects } from '../responses/nodegroup.ts';
import type { NodeTaint, UpdateConfig } from '../state/nodegroup.ts';

/** Makes the refusal of one group's request. */
export type Refuse = (message: string) => AwsError;

export const taintsShape = list(structure({ key: required(string), value: string, effect: required(string) }));
export const labelsShape = map;
export const scalingShape = structure({
  minSize: within(integer, 0),
  maxSize: within(integer, 1),
  desiredSize: within(integer, 0),
});
export const updateConfigShape = structure({
  maxUnavailable: within(integer, 1),
  maxUnavailablePercentage: within(integer, 1, 100),
  updateStrategy: choice('DEFAULT', 'MINIMAL'),
});

/** Quota of nodes that are updated at a time. */
const MOST_UNAVAILABLE = 100;

const effectsByName = Object.entries(taintEffects).map(
  ([effect, name]) => [name, effect as NodeTaint['effect']] as const,
);

/**
 * Read taints in EKS's words.
 *
 * @throws InvalidParameterException
 * @see https://github.com/awsdocs/amazon-eks-user-guide/pull/617 (the text)
 */
export const readTaints = (
  given: readonly { key: string; value?: string | undefined; effect: string }[],
  refuse: Refuse,
): NodeTaint[] =>
  given.map(({ key, value, effect: name }) => {
    const effect = effectsByName.find(([known]) => known === name)?.[1];
    if (effect === undefined)
      throw refuse(`Invalid taint effect: ${name}, must be one of these [NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE]`);
    return { key, value, effect };
  });

/**
 * Decide how many nodes may be unavailable, from the request and the present settings.
 *
 * @throws InvalidParameterException
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/26535 (the text on the range)
 */
export function readUpdateConfig(
  given: Partial<{ [K in keyof UpdateConfig]: UpdateConfig[K] | undefined }> | undefined,
  now: UpdateConfig,
  maxSize: number,
  refuse: Refuse,
): UpdateConfig {
  const { maxUnavailable, maxUnavailablePercentage, updateStrategy = now.updateStrategy } = given ?? {};
  if (maxUnavailable !== undefined && maxUnavailablePercentage !== undefined)
    throw refuse('Only one of maxUnavailable and maxUnavailablePercentage can be specified.');
  if (maxUnavailable !== undefined && maxUnavailable > Math.min(maxSize, MOST_UNAVAILABLE))
    throw refuse('max-unavailable must be within the range 1 and max size of the node group');
  if (maxUnavailable === undefined && maxUnavailablePercentage === undefined) return { ...now, updateStrategy };
  return maxUnavailable === undefined
    ? { maxUnavailablePercentage, updateStrategy }
    : { maxUnavailable, updateStrategy };
}
