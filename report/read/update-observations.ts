import type { NodegroupUpdate } from '../../domain/eks-update/eks-update.ts';
import { outputOf } from './outputs.ts';
import { inSentences } from './plan.ts';
import type { Visit } from './visits.ts';

/** The states that return an observation of an update that EKS carries out. */
export const UPDATE_STATES = ['StartNodegroupUpdate', 'CheckNodegroupUpdate'] as const;

/** One observation of an update. `beganAt` and `at`: when the step was entered, and when it returned, epoch ms. */
export interface Observation {
  readonly beganAt: number;
  readonly at: number;
  readonly update: NodegroupUpdate;
}

const NOTHING_KNOWN: Omit<NodegroupUpdate, 'requestedAt'> = {
  status: 'inProgress',
  updateId: '',
  isAdopted: false,
  phase: 'scaleUp',
  checks: 0,
  waitSeconds: 0,
  outdatedCount: 0,
  nodes: [],
  changes: [],
  evicted: [],
  evictedCount: 0,
  blockingPods: [],
  blockingPodCount: 0,
  warnings: [],
};

/** The observation that a visit to a state returned; `undefined` for another state. */
export function observationOf(visit: Visit): Observation | undefined {
  const update = outputOf(visit, 'StartNodegroupUpdate') ?? outputOf(visit, 'CheckNodegroupUpdate');
  if (update === undefined) return undefined;
  const { enteredAt, exitedAt = enteredAt } = visit;
  const requestedAt = new Date(exitedAt).toISOString();
  const whole = { ...NOTHING_KNOWN, requestedAt, ...update };
  return {
    beganAt: enteredAt,
    at: exitedAt,
    update: { ...whole, blockingPods: whole.blockingPods.map(inSentences) },
  };
}

/** All observations of a run's update, oldest first; none for a run that the workflow carries out itself. */
export const observationsOf = (visits: readonly Visit[]): Observation[] =>
  visits.flatMap((visit) => observationOf(visit) ?? []);
