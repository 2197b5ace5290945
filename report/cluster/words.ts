import { grouped, plural } from '../../domain/text.ts';
import type { Figure } from '../model/figures.ts';
import { duration, usd } from '../model/text.ts';
import { omitUndefined } from '../read/omit-undefined.ts';
import type { ClusterReport, GroupOutcome, GroupRow } from './model.ts';

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

/** Who carries the upgrade of a group out. */
export const engineWords = ({ kind, engine }: GroupRow): string => {
  const by = engine === undefined ? undefined : engine === 'eks' ? 'by EKS' : 'by the workflow';
  return [kind, by].filter((word) => word !== undefined).join(', ');
};

/** What a group comes from and goes to. */
export const fromTo = ({ from, to, outcome }: GroupRow): { from?: string; to?: string } =>
  outcome === 'onTarget' || to === from ? omitUndefined({ to: to ?? from }) : omitUndefined({ from, to });

/** Nodes of a group: how many were upgraded, of how many that were outdated. */
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

/** As long as a table's cell may be; the group's own report has all of it. */
const MOST_CHARACTERS = 120;

/** Why a group was not upgraded, in short. */
export const whyNot = ({ error, reason = '', outcome }: GroupRow): { error: string; reason: string } =>
  outcome === 'failed' || outcome === 'refused' || outcome === 'notStarted'
    ? {
        error: error ?? '',
        reason: reason.length > MOST_CHARACTERS ? `${reason.slice(0, MOST_CHARACTERS - 1)}…` : reason,
      }
    : { error: '', reason: '' };

/** The key figures of the run of a cluster, most important first. */
export function clusterFigures({ nodegroups, status, plan, durationSeconds, cost }: ClusterReport): Figure[] {
  const of = (...outcomes: GroupOutcome[]): number =>
    nodegroups.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const sum = (figure: (row: GroupRow) => number | undefined): number =>
    nodegroups.reduce((total, row) => total + (figure(row) ?? 0), 0);
  const [failed, below] = [of('failed', 'refused'), nodegroups.filter(isBelowOriginal).length];
  const toUpgrade = nodegroups.length - of('onTarget');
  const unresolved = (isRunning: boolean): number =>
    sum((row) => ((row.outcome === 'inProgress') === isRunning ? row.unresolvedPods : 0));
  const blockingPods = [
    unresolvedWords({ unresolvedPods: unresolved(true), outcome: 'inProgress' }),
    unresolvedWords({ unresolvedPods: unresolved(false), outcome: 'failed' }),
  ].filter((words) => words !== '');
  const notes = (['failed', 'refused', 'notStarted', 'inProgress', 'queued', 'onTarget'] as const).flatMap((outcome) =>
    of(outcome) === 0 ? [] : [`${of(outcome)} ${OUTCOME_WORDS[outcome]}`],
  );
  const nodes = sum(({ nodes }) => nodes.outdated);
  const predicted = plan?.predictedSeconds;
  const groups: Figure = {
    name: 'Groups upgraded',
    value: `${of('upgraded')} of ${toUpgrade}`,
    ...(notes.length === 0 ? {} : { note: notes.join(', ') }),
    tone: failed > 0 ? 'bad' : of('upgraded') === toUpgrade ? 'good' : 'neutral',
  };
  const spent: Figure = {
    name: 'Step Functions',
    value: usd(cost.stepFunctionsUsd),
    note: plural(cost.stateTransitions, 'state transition'),
    tone: 'neutral',
  };
  if (plan === undefined || plan.isDryRun || plan.isNothingToDo) {
    const outdated: Figure = {
      name: 'Outdated groups',
      value: `${nodegroups.filter((row) => row.nodes.outdated > 0).length} of ${nodegroups.length}`,
      note: plural(nodes, 'outdated node'),
      tone: 'neutral',
    };
    const time: Figure[] =
      plan?.isDryRun && predicted !== undefined
        ? [{ name: 'Would take', value: duration(predicted), tone: 'neutral' }]
        : [];
    return [...(plan === undefined ? [] : [outdated]), ...time, spent];
  }
  return [
    groups,
    {
      name: 'Nodes upgraded',
      value: `${grouped(sum((row) => row.nodes.upgraded))} of ${grouped(nodes)}`,
      tone: 'neutral',
    },
    {
      name: status === 'RUNNING' ? 'Running for' : 'Duration',
      value: duration(durationSeconds),
      ...(predicted === undefined ? {} : { note: `predicted ${duration(predicted)}` }),
      tone: 'neutral',
    },
    {
      name: 'Lowest capacity',
      value: below === 0 ? 'kept' : `${plural(below, 'group')} below`,
      note: below === 0 ? 'in every group' : 'what there was before',
      tone: below === 0 ? 'good' : 'bad',
    },
    { name: 'Pods evicted', value: grouped(sum(({ evicted }) => evicted)), tone: 'neutral' },
    {
      name: 'Blocking pods',
      value: grouped(sum(({ blockingPods }) => blockingPods)),
      ...(blockingPods.length === 0 ? {} : { note: blockingPods.join(', ') }),
      tone: blockingPods.length > 0 ? 'bad' : 'neutral',
    },
    { name: 'Extra instance-hours', value: cost.extraInstanceHours.toFixed(1), tone: 'neutral' },
    spent,
  ];
}
