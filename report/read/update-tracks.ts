import type { UpdateNode } from '../../domain/eks-update/eks-update.ts';
import { EVIDENCE_SENTENCES } from '../../domain/eks-update/evidence.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { PlanReport } from '../model/model.ts';
import type { Observation } from './update-observations.ts';

/** What all observations together say of one node. */
export interface Track {
  readonly node: Pick<UpdateNode, 'instanceId' | 'nodeName' | 'zone'>;
  /** First instant of each state it was seen in, and of the observation before that, if any. Epoch ms. */
  readonly steps: { state: UpdateNode['state']; at: number; previousObservationAt: number | undefined }[];
  readonly evidence: Set<string>;
  evictedCount: number;
  deletedCount: number;
  podsLeft: number;
  initialCount: number;
}

const RANKS: Readonly<Record<UpdateNode['state'], number>> = {
  draining: 0,
  cordonWait: 1,
  terminating: 2,
  replaced: 3,
};

/** An observation lists at most this many active nodes. A full list says nothing about a node that is not in it. */
const MOST_NODES = 100;

/** Remove nodes that an earlier observation inferred to be active, and that a later one does not list. */
function forgetMistaken(tracks: Map<string, Track>, { update: { nodes } }: Observation): void {
  if (nodes.length >= MOST_NODES) return;
  const active = new Set(nodes.map(({ instanceId }) => instanceId));
  for (const [instanceId, { steps }] of tracks) {
    if (!active.has(instanceId) && steps.at(-1)?.state !== 'replaced') tracks.delete(instanceId);
  }
}

/** A node of which nothing has been seen. */
export const trackOf = ({ instanceId, nodeName, zone = '' }: PlanReport['outdatedNodes'][number]): Track => ({
  node: omitUndefined({ instanceId, nodeName, zone }),
  steps: [],
  evidence: new Set(),
  evictedCount: 0,
  deletedCount: 0,
  podsLeft: 0,
  initialCount: 0,
});

/** Follow every node through the observations. A node never returns to an earlier state: such an observation is late. */
export function tracksOf(observations: readonly Observation[]): Map<string, Track> {
  const tracks = new Map<string, Track>();
  observations.forEach((observation, index) => {
    const { update } = observation;
    const previousObservationAt = observations[index - 1]?.at;
    for (const seen of [...update.changes, ...update.nodes]) {
      const { instanceId, nodeName, zone, state, podsLeft, evictedCount, deletedCount = 0 } = seen;
      const track = tracks.get(instanceId) ?? trackOf(omitUndefined({ instanceId, nodeName, zone }));
      tracks.set(instanceId, track);
      const last = track.steps.at(-1);
      if (last === undefined || RANKS[state] > RANKS[last.state]) {
        // By the clock of a Lambda, which may differ from that of the history.
        const sinceAt = Math.min(Math.max(Date.parse(seen.sinceAt), previousObservationAt ?? 0), observation.at);
        track.steps.push({ state, at: Math.max(sinceAt, last?.at ?? 0), previousObservationAt });
      }
      if (state !== 'replaced') track.evidence.add(EVIDENCE_SENTENCES[seen.evidence]);
      track.evictedCount = Math.max(track.evictedCount, evictedCount);
      track.deletedCount = Math.max(track.deletedCount, deletedCount);
      track.podsLeft = state === 'replaced' ? 0 : podsLeft;
      track.initialCount = Math.max(track.initialCount, podsLeft + evictedCount + deletedCount);
    }
    forgetMistaken(tracks, observation);
  });
  return tracks;
}
