import { enumeration, plural } from '../../domain/text.ts';
import type { Report, UpdateReport } from './model.ts';
import { duration, instantText } from './text.ts';

const STATUSES: Readonly<Record<UpdateReport['status'], string>> = {
  inProgress: 'in progress',
  successful: 'successful',
  failed: 'failed',
  goesOn: 'EKS goes on with it; nothing can stop an update',
};

/** How the one word for the engine is explained: which update, and whose. */
export const updateName = ({ updateId, isAdopted }: UpdateReport): string =>
  `update ${updateId}${isAdopted ? ', adopted: somebody else started it' : ''}`;

/** What a reader must know of a run that EKS carries out before believing its bars; said once in a report. */
export function inferenceNote({ update, nodes }: Pick<Report, 'update' | 'nodes'>): string | undefined {
  if (update === undefined) return undefined;
  const gap =
    update.longestGapSeconds > 0
      ? `looked at ${plural(update.observations, 'time')}, at most ${duration(update.longestGapSeconds)} apart`
      : 'looked at once';
  const seen = [...new Set(nodes.flatMap(({ attempts }) => attempts.flatMap(({ evidence = [] }) => evidence)))];
  const told = seen.length === 0 ? '' : ` What told that EKS works on a node: ${enumeration(seen.slice(0, 6))}.`;
  return `Amazon EKS carries this update out and does not say which node it works on, so the states of nodes are inferred from outside, ${gap}.${told}`;
}

/** The update as names and values. */
export const updatePairs = (update: UpdateReport): [name: string, value: string][] => [
  ['Update', update.updateId],
  ['Started by', update.isAdopted ? 'somebody else, with the same target; this run adopted it' : 'this run'],
  ['Requested', instantText(update.requestedAt)],
  ['Status', STATUSES[update.status]],
];
