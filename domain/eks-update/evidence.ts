import type { Departures } from './departures.ts';
import type { Evidence, UpdateNode } from './eks-update.ts';
import { isTerminating, type UpdateMember } from './members.ts';

/** Evidence in words, for reports. */
export const EVIDENCE_SENTENCES: Readonly<Record<Evidence, string>> = {
  evictions: 'its pods are being evicted',
  cordon: 'it was cordoned',
  termination: 'its instance is terminating',
  inferred: 'inferred: nothing moves, and every pod left on it is blocked',
};

/** Evidence by instance id. */
export type ActiveNodes = ReadonlyMap<string, Evidence>;

/**
 * Find the outdated members that EKS works on, with the evidence.
 *
 * A cordon is evidence only while EKS has not cordoned more nodes than it takes at a time, as MINIMAL does with all of them.
 */
export function inferActiveNodes(
  members: readonly UpdateMember[],
  before: readonly UpdateNode[],
  { byNode }: Departures,
  parallelism: number,
): Map<string, Evidence> {
  const earlier = new Map(before.map(({ instanceId, evidence }) => [instanceId, evidence]));
  const outdated = members.filter(({ isOutdated }) => isOutdated);
  const cordoned = outdated.filter((member) => member.node?.isUnschedulable && !isTerminating(member));
  const isCordonEvidence = cordoned.length <= parallelism;
  const evidenceOf = (member: UpdateMember): Evidence | undefined => {
    if (member.node !== undefined && byNode.has(member.node.name)) return 'evictions';
    const known = earlier.get(member.instanceId);
    if (known !== undefined) return known;
    if (isTerminating(member)) return 'termination';
    return isCordonEvidence && member.node?.isUnschedulable ? 'cordon' : undefined;
  };
  return new Map(
    outdated.flatMap((member) => {
      const evidence = evidenceOf(member);
      return evidence === undefined ? [] : [[member.instanceId, evidence] as const];
    }),
  );
}
