import { enumeration, plural } from '../../domain/text.ts';
import type { Report, UpdateReport } from './model.ts';
import { duration, instantText } from './text.ts';

const STATUSES: Readonly<Record<UpdateReport['status'], string>> = {
  inProgress: 'in progress',
  successful: 'successful',
  failed: 'failed',
  goesOn: 'in progress: EKS continues after the run, because an update cannot be stopped',
};

/** Which update it is, and who started it. */
export const updateName = ({ updateId, isAdopted }: UpdateReport): string =>
  `update ${updateId}${isAdopted ? ', adopted: somebody else started it' : ''}`;

/** How the states of nodes were inferred while EKS replaced them; once in a report. */
export function inferenceNote({ update, nodes }: Pick<Report, 'update' | 'nodes'>): string | undefined {
  if (update === undefined) return undefined;
  const gap =
    update.longestGapSeconds > 0
      ? `from ${plural(update.observations, 'observation')} at most ${duration(update.longestGapSeconds)} apart`
      : 'from 1 observation';
  const seen = [...new Set(nodes.flatMap(({ attempts }) => attempts.flatMap(({ evidence = [] }) => evidence)))];
  const evidence = seen.length === 0 ? '' : ` Evidence that EKS works on a node: ${enumeration(seen.slice(0, 6))}.`;
  return `Amazon EKS carries out this update and does not say which node it works on. The states of nodes are inferred ${gap}.${evidence}`;
}

/** The update as names and values. */
export const updatePairs = (update: UpdateReport): [name: string, value: string][] => [
  ['Update', update.updateId],
  ['Started by', update.isAdopted ? 'somebody else, with the same target; this run adopted it' : 'this run'],
  ['Requested', instantText(update.requestedAt)],
  ['Status', STATUSES[update.status]],
];
