import type { EksRun } from '../state.ts';
import type { PodsLeft } from './blocking-pods.ts';
import type { Departures } from './departures.ts';
import type { Evidence, NodegroupUpdate } from './eks-update.ts';
import { isTerminating, type OutdatedMember, outdatedMembers, type UpdateMember } from './members.ts';

/** Evidence in words, for reports. */
export const EVIDENCE_SENTENCES: Readonly<Record<Evidence, string>> = {
  evictions: 'its pods are being evicted',
  cordon: 'it was cordoned',
  termination: 'its instance is terminating',
  inferred: 'inferred: nothing moves, and every pod left on it is blocked',
};

/** Evidence by instance id. */
export type ActiveNodes = ReadonlyMap<string, Evidence>;

/** What evidence is found in. */
export interface EvidenceFacts {
  readonly members: readonly UpdateMember[];
  readonly before: Pick<NodegroupUpdate, 'nodes' | 'cordonedBefore'>;
  readonly departures: Departures;
  readonly run: Pick<EksRun, 'parallelism' | 'updateStrategy'>;
  /** By instance id: what is left on the nodes of `newlyCordoned`. */
  readonly pods: ReadonlyMap<string, PodsLeft>;
}

/** Nodes that were cordoned since the update began and of which nothing else is known: by EKS, or by somebody else. */
export function newlyCordoned(
  members: readonly UpdateMember[],
  { nodes, cordonedBefore = [] }: Pick<NodegroupUpdate, 'nodes' | 'cordonedBefore'>,
): OutdatedMember[] {
  const known = new Set([...cordonedBefore, ...nodes.map(({ instanceId }) => instanceId)]);
  return outdatedMembers(members).filter(({ instanceId, node }) => node.isUnschedulable && !known.has(instanceId));
}

/**
 * Find the outdated members that EKS works on, with the evidence.
 *
 * A cordon is evidence only while EKS has not cordoned more nodes than it takes at a time, as MINIMAL does with all of them.
 * With DEFAULT EKS cordons a node once it is empty, so one that is cordoned with pods on it is drained by somebody else.
 */
export function inferActiveNodes({ members, before, departures, run, pods }: EvidenceFacts): Map<string, Evidence> {
  const earlier = new Map(before.nodes.map(({ instanceId, evidence }) => [instanceId, evidence]));
  const cordoned = new Set(newlyCordoned(members, before).map(({ instanceId }) => instanceId));
  const isCordonEvidence = cordoned.size <= run.parallelism;
  const isOfOthers = ({ instanceId }: UpdateMember) =>
    run.updateStrategy === 'DEFAULT' && cordoned.has(instanceId) && (pods.get(instanceId)?.left ?? 0) > 0;
  const evidenceOf = (member: UpdateMember): Evidence | undefined => {
    if (isOfOthers(member)) return undefined;
    if (member.node !== undefined && departures.byNode.has(member.node.name)) return 'evictions';
    const known = earlier.get(member.instanceId);
    if (known !== undefined) return known;
    if (isTerminating(member)) return 'termination';
    return isCordonEvidence && cordoned.has(member.instanceId) ? 'cordon' : undefined;
  };
  return new Map(
    members.flatMap((member) => {
      const evidence = member.isOutdated ? evidenceOf(member) : undefined;
      return evidence === undefined ? [] : [[member.instanceId, evidence] as const];
    }),
  );
}
