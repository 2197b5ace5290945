import { omitUndefined } from '../../domain/omit-undefined.ts';
import { grouped, plural } from '../../domain/text.ts';
import type { GroupOutcome, GroupRow } from './model.ts';

export const OUTCOME_WORDS: Readonly<Record<GroupOutcome, string>> = {
  upgraded: 'upgraded',
  onTarget: 'on the target',
  failed: 'failed',
  refused: 'refused',
  notStarted: 'not started',
  inProgress: 'in progress',
  queued: 'queued',
};

export const OUTCOME_TONES: Readonly<Record<GroupOutcome, 'good' | 'bad' | 'busy' | 'plain'>> = {
  upgraded: 'good',
  onTarget: 'good',
  failed: 'bad',
  refused: 'bad',
  notStarted: 'plain',
  inProgress: 'busy',
  queued: 'plain',
};

/** The kind of a group, and the engine that upgrades it. */
export const engineWords = ({ kind, engine }: GroupRow): string => {
  const by = engine === undefined ? undefined : engine === 'eks' ? 'by EKS' : 'by the workflow';
  return [kind, by].filter((word) => word !== undefined).join(', ');
};

/** The AMI or release of a group before and after. */
export const fromTo = ({ from, to, outcome }: GroupRow): { from?: string; to?: string } =>
  outcome === 'onTarget' || to === from ? omitUndefined({ to: to ?? from }) : omitUndefined({ from, to });

/** How many of the outdated nodes of a group were upgraded. */
export const nodesWords = ({ nodes, outcome }: GroupRow): string =>
  outcome === 'onTarget' || nodes.outdated === 0
    ? plural(nodes.total, 'node')
    : `${grouped(nodes.upgraded)} of ${grouped(nodes.outdated)}`;

/** Blocking pods that have not left, if there are any. */
export const unresolvedWords = ({
  unresolvedPods = 0,
  outcome,
}: Pick<GroupRow, 'unresolvedPods' | 'outcome'>): string =>
  unresolvedPods > 0 ? `${unresolvedPods} ${outcome === 'inProgress' ? 'blocking now' : 'not resolved'}` : '';

/** Lowest number of Ready nodes against the number before the run. */
export const capacityWords = ({ lowestReadyNodes, originalNodes }: GroupRow): string =>
  lowestReadyNodes === undefined
    ? ''
    : `${lowestReadyNodes}${originalNodes === undefined ? '' : ` of ${originalNodes}`}`;

export const isBelowOriginal = ({ lowestReadyNodes, originalNodes }: GroupRow): boolean =>
  lowestReadyNodes !== undefined && originalNodes !== undefined && lowestReadyNodes < originalNodes;

/** The longest text of a cell; the group's own report has the whole. */
const MOST_CHARACTERS = 120;

/** Why a group was not upgraded, in short. */
export const whyNot = ({ error, reason = '', outcome }: GroupRow): { error: string; reason: string } =>
  outcome === 'failed' || outcome === 'refused' || outcome === 'notStarted'
    ? {
        error: error ?? '',
        reason: reason.length > MOST_CHARACTERS ? `${reason.slice(0, MOST_CHARACTERS - 1)}…` : reason,
      }
    : { error: '', reason: '' };
