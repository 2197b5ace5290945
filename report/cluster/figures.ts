import { grouped, plural } from '../../domain/text.ts';
import type { Figure } from '../model/figures.ts';
import { duration, usd } from '../model/text.ts';
import type { ClusterReport, GroupOutcome, GroupRow } from './model.ts';
import { isBelowOriginal, OUTCOME_WORDS, unresolvedWords } from './words.ts';

type Facts = Pick<ClusterReport, 'nodegroups' | 'status' | 'plan' | 'durationSeconds' | 'cost'>;

const count = ({ nodegroups }: Facts, ...outcomes: GroupOutcome[]): number =>
  nodegroups.filter(({ outcome }) => outcomes.includes(outcome)).length;

const sum = ({ nodegroups }: Facts, figure: (row: GroupRow) => number | undefined): number =>
  nodegroups.reduce((total, row) => total + (figure(row) ?? 0), 0);

const spentFigure = ({ cost }: Facts): Figure => ({
  name: 'Step Functions',
  value: usd(cost.stepFunctionsUsd),
  note: plural(cost.stateTransitions, 'state transition'),
  tone: 'neutral',
});

function groupsFigure(facts: Facts): Figure {
  const upgraded = count(facts, 'upgraded');
  const toUpgrade = facts.nodegroups.length - count(facts, 'onTarget');
  const notes = (['failed', 'refused', 'notStarted', 'inProgress', 'queued', 'onTarget'] as const).flatMap((outcome) =>
    count(facts, outcome) === 0 ? [] : [`${count(facts, outcome)} ${OUTCOME_WORDS[outcome]}`],
  );
  return {
    name: 'Groups upgraded',
    value: `${upgraded} of ${toUpgrade}`,
    ...(notes.length === 0 ? {} : { note: notes.join(', ') }),
    tone: count(facts, 'failed', 'refused') > 0 ? 'bad' : upgraded === toUpgrade ? 'good' : 'neutral',
  };
}

function durationFigure({ status, durationSeconds, plan }: Facts): Figure {
  const predicted = plan?.predictedSeconds;
  return {
    name: status === 'RUNNING' ? 'Running for' : 'Duration',
    value: duration(durationSeconds),
    ...(predicted === undefined ? {} : { note: `predicted ${duration(predicted)}` }),
    tone: 'neutral',
  };
}

function capacityFigure({ nodegroups }: Facts): Figure {
  const below = nodegroups.filter(isBelowOriginal).length;
  const name = 'Lowest capacity';
  return below === 0
    ? { name, value: 'kept', note: 'in every group', tone: 'good' }
    : { name, value: `${plural(below, 'group')} below`, note: 'what there was before', tone: 'bad' };
}

function blockingFigure(facts: Facts): Figure {
  const unresolved = (isRunning: boolean): number =>
    sum(facts, ({ outcome, unresolvedPods }) => ((outcome === 'inProgress') === isRunning ? unresolvedPods : 0));
  const notes = [
    unresolvedWords({ unresolvedPods: unresolved(true), outcome: 'inProgress' }),
    unresolvedWords({ unresolvedPods: unresolved(false), outcome: 'failed' }),
  ].filter((words) => words !== '');
  return {
    name: 'Blocking pods',
    value: grouped(sum(facts, ({ blockingPods }) => blockingPods)),
    ...(notes.length === 0 ? {} : { note: notes.join(', ') }),
    tone: notes.length > 0 ? 'bad' : 'neutral',
  };
}

/** Of a run that ended with its plan, or before it. */
function planFigures(facts: Facts): Figure[] {
  const { plan, nodegroups } = facts;
  if (plan === undefined) return [spentFigure(facts)];
  const outdated: Figure = {
    name: 'Outdated groups',
    value: `${nodegroups.filter(({ nodes }) => nodes.outdated > 0).length} of ${nodegroups.length}`,
    note: plural(
      sum(facts, ({ nodes }) => nodes.outdated),
      'outdated node',
    ),
    tone: 'neutral',
  };
  const time: Figure[] =
    plan.isDryRun && plan.predictedSeconds !== undefined
      ? [{ name: 'Would take', value: duration(plan.predictedSeconds), tone: 'neutral' }]
      : [];
  return [outdated, ...time, spentFigure(facts)];
}

/** The key figures of the run of a cluster, most important first. */
export function clusterFigures(facts: Facts): Figure[] {
  const { plan, cost } = facts;
  if (plan === undefined || plan.isDryRun || plan.isNothingToDo) return planFigures(facts);
  const upgraded = sum(facts, ({ nodes }) => nodes.upgraded);
  const outdated = sum(facts, ({ nodes }) => nodes.outdated);
  return [
    groupsFigure(facts),
    { name: 'Nodes upgraded', value: `${grouped(upgraded)} of ${grouped(outdated)}`, tone: 'neutral' },
    durationFigure(facts),
    capacityFigure(facts),
    { name: 'Pods evicted', value: grouped(sum(facts, ({ evicted }) => evicted)), tone: 'neutral' },
    blockingFigure(facts),
    { name: 'Extra instance-hours', value: cost.extraInstanceHours.toFixed(1), tone: 'neutral' },
    spentFigure(facts),
  ];
}
