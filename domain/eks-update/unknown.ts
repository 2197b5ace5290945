import { NodegroupNotFound } from '../errors.ts';
import type { NodegroupUpdate } from './eks-update.ts';

/** How long EKS may not know an update that it is carrying out. One answer of a service proves nothing. */
const PATIENCE_SECONDS = 300;

/** Since when EKS has not known the update; `undefined` while it does. ISO-8601 UTC. */
export const unknownSince = (
  isKnown: boolean,
  before: Pick<NodegroupUpdate, 'unknownSince'>,
  nowAt: string,
): string | undefined => (isKnown ? undefined : (before.unknownSince ?? nowAt));

/** Whether the update has been unknown for so long that it is gone. */
export const isGone = (since: string | undefined, nowAt: string): boolean =>
  since !== undefined && Date.parse(nowAt) - Date.parse(since) >= PATIENCE_SECONDS * 1000;

/** The error of a run whose update EKS no longer knows. */
export const updateGone = (updateId: string, nodegroupName: string, hasNodegroup: boolean): NodegroupNotFound =>
  new NodegroupNotFound(
    hasNodegroup
      ? `EKS has not known update ${updateId} of node group ${nodegroupName} for ${PATIENCE_SECONDS} s`
      : `node group ${nodegroupName} does not exist any more: it was deleted while EKS was updating it`,
  );
