import { plural } from '../text.ts';
import type { EksUpdate } from '../types.ts';
import type { NodegroupUpdate } from './eks-update.ts';

/** How long nodes may still be outdated once EKS calls its update Successful, seconds since the last of them was renewed. */
const PATIENCE_SECONDS = 600;

/**
 * Compare what EKS says of its update with its nodes: it is done when both say so.
 *
 * @param described as EKS describes it now
 * @returns since when they contradict each other, in ISO-8601 UTC; `undefined` when they do not
 */
export function contradictedSince(
  described: Pick<EksUpdate, 'status'> | undefined,
  before: Pick<NodegroupUpdate, 'outdatedCount' | 'contradictedAt'>,
  outdatedCount: number,
  nowAt: string,
): string | undefined {
  if (described?.status !== 'Successful' || outdatedCount === 0) return undefined;
  return outdatedCount === before.outdatedCount ? (before.contradictedAt ?? nowAt) : nowAt;
}

/** Say that nodes are outdated for too long after EKS called its update Successful; `undefined` when it is not so. */
export function describeContradiction(update: NodegroupUpdate, nowAt: string): string | undefined {
  const { contradictedAt, updateId, outdatedCount } = update;
  if (contradictedAt === undefined) return undefined;
  const seconds = (Date.parse(nowAt) - Date.parse(contradictedAt)) / 1000;
  if (seconds < PATIENCE_SECONDS) return undefined;
  return `EKS calls update ${updateId} Successful, but ${plural(outdatedCount, 'node')} of the group ${outdatedCount === 1 ? 'is' : 'are'} still outdated ${Math.round(seconds)} s later. Start an execution with the same input; if nothing changes, ask AWS support about the update.`;
}
