import { grouped, plural } from '../../domain/text.ts';
import type { Report } from './model.ts';
import { duration, usd } from './text.ts';
import { updateName } from './update-words.ts';

/** A figure worth reading first; `note` sets it against what it should be. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly tone: 'neutral' | 'good' | 'bad';
}

function nodesFigure({ counts }: Report): Figure {
  const notes = [
    ...(counts.blocked > 0 ? [`${counts.blocked} blocked`] : []),
    ...(counts.gone > 0 ? [`${counts.gone} left by themselves`] : []),
    ...(counts.inProgress > 0 ? [`${counts.inProgress} in progress`] : []),
    ...(counts.queued > 0 ? [`${counts.queued} queued`] : []),
  ];
  return {
    name: 'Nodes upgraded',
    value: `${grouped(counts.upgraded)} of ${grouped(counts.outdated)}`,
    note: notes.length === 0 ? 'all outdated nodes' : notes.join(', '),
    tone: counts.blocked > 0 ? 'bad' : counts.upgraded === counts.outdated ? 'good' : 'neutral',
  };
}

function durationFigure({ durationSeconds, plan, status }: Report): Figure {
  const predicted = plan?.estimate.durationSeconds;
  return {
    name: status === 'RUNNING' ? 'Running for' : 'Duration',
    value: duration(durationSeconds),
    ...(predicted === undefined ? {} : { note: `predicted ${duration(predicted)}` }),
    tone: 'neutral',
  };
}

function capacityFigure({ capacity: { lowest, originalDesired } }: Report): Figure[] {
  if (lowest === undefined) return [];
  const isKept = originalDesired === undefined || lowest.readyNodes >= originalDesired;
  return [
    {
      name: 'Lowest capacity',
      value: `${grouped(lowest.readyNodes)} ready`,
      ...(originalDesired === undefined ? {} : { note: `${originalDesired} before the run` }),
      tone: isKept ? 'good' : 'bad',
    },
  ];
}

function blockedFigure({ blockingPods, status }: Report): Figure {
  const count = (spans: Report['blockingPods']): number =>
    new Set(spans.map(({ namespace, name }) => `${namespace}/${name}`)).size;
  const name = 'Blocking pods';
  if (blockingPods.length === 0) return { name, value: '0', note: 'no pod blocked a drain', tone: 'good' };
  const unresolved = count(blockingPods.filter(({ outcome }) => outcome === 'blocked'));
  const longest = `longest ${duration(Math.max(...blockingPods.map(({ blockedSeconds }) => blockedSeconds)))}`;
  return {
    name,
    value: grouped(count(blockingPods)),
    note:
      unresolved === 0
        ? longest
        : `${longest}, ${unresolved} ${status === 'RUNNING' ? 'blocking now' : 'not resolved'}`,
    tone: unresolved > 0 ? 'bad' : 'neutral',
  };
}

function costFigures({ cost, plan }: Report): Figure[] {
  const planned = plan?.estimate;
  const hours = cost.extraInstanceHours;
  return [
    ...(hours === undefined
      ? []
      : [
          {
            name: 'Extra instance-hours',
            value: hours.toFixed(1),
            note:
              planned?.extraInstanceHours === undefined
                ? 'surge'
                : `predicted ${planned.extraInstanceHours.toFixed(1)}`,
            tone: 'neutral' as const,
          },
        ]),
    {
      name: 'Step Functions',
      value: usd(cost.stepFunctionsUsd),
      note: plural(cost.stateTransitions, 'state transition'),
      tone: 'neutral',
    },
  ];
}

const engineFigure = ({ update }: Report): Figure[] =>
  update === undefined ? [] : [{ name: 'Engine', value: 'EKS', note: updateName(update), tone: 'neutral' }];

/** EKS drains the nodes of its surge as well, when it removes them. */
function evictedByEks({ counts, nodes, phases }: Report): string {
  const fromOutdated = nodes.reduce((sum, { evictedCount }) => sum + evictedCount, 0);
  const again = counts.evicted - fromOutdated;
  return again > 0 && phases.some(({ name }) => name === 'scaleDown')
    ? `${grouped(fromOutdated)} from outdated nodes, ${grouped(again)} more as EKS removed its surge`
    : 'seen to leave outdated nodes';
}

function evictedFigure(report: Report): Figure {
  const { counts, plan } = report;
  const name = 'Pods evicted';
  const value = grouped(counts.evicted);
  if (plan?.engine === 'eks' && counts.deleted === 0)
    return { name, value, note: evictedByEks(report), tone: 'neutral' };
  const note = counts.deleted > 0 ? `${grouped(counts.deleted)} more deleted by force` : 'none deleted by force';
  return { name, value, note, tone: counts.deleted > 0 ? 'bad' : 'neutral' };
}

/** The key figures of a run, most important first. */
export function figuresOf(report: Report): Figure[] {
  const { plan, capacity } = report;
  if (plan === undefined || plan.isDryRun || plan.isNothingToDo) return planFigures(report);
  return [
    nodesFigure(report),
    durationFigure(report),
    ...engineFigure(report),
    ...capacityFigure(report),
    evictedFigure(report),
    blockedFigure(report),
    ...costFigures({ ...report, capacity }),
  ];
}

/** Of a run that ended with its plan, or before it. */
function planFigures(report: Report): Figure[] {
  const { plan, counts } = report;
  if (plan === undefined) return [durationFigure(report), ...costFigures(report)];
  const { estimate } = plan;
  const predicted: Figure[] = [
    ...(estimate.durationSeconds === undefined
      ? []
      : [{ name: 'Would take', value: duration(estimate.durationSeconds), tone: 'neutral' as const }]),
    ...(estimate.extraInstanceHours === undefined
      ? []
      : [{ name: 'Extra instance-hours', value: estimate.extraInstanceHours.toFixed(1), tone: 'neutral' as const }]),
  ];
  return [
    {
      name: 'Outdated nodes',
      value: `${grouped(counts.outdated)} of ${grouped(plan.nodes.total ?? counts.outdated)}`,
      tone: 'neutral',
    },
    ...(plan.isNothingToDo ? [] : predicted),
    {
      name: 'Pods that would block a drain',
      value: grouped(plan.blockingPodCount),
      tone: plan.blockingPodCount > 0 ? 'bad' : 'good',
    },
    ...costFigures(report),
  ];
}
