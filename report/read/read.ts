import { PAUSED } from '../../domain/admission/admission.ts';
import { asSentence } from '../../domain/text.ts';
import { adviceOf, headlineOf } from '../model/headline.ts';
import type { Report } from '../model/model.ts';
import { byImportance } from './blocking-pods.ts';
import { capacityOf } from './capacity.ts';
import { extraHoursSeen, extraInstanceHours, TRANSITION_USD, transitionsOf } from './cost.ts';
import { executionOf, inOrder, inputOf, spanOf, statusOf } from './execution.ts';
import { failureOf } from './failure.ts';
import { listOf, numberOf, objectOf, omitUndefined, textOf, textsOf } from './fields.ts';
import { millisecondsOf, type UpgradeHistory, type Visit, visitsOf } from './history.ts';
import { readChild } from './node.ts';
import { countsOf, nodesOf, queuedNodes } from './nodes.ts';
import { phasesOf } from './phases.ts';
import { planOf } from './plan.ts';
import { mergeRetries, retriesOf } from './retries.ts';
import { updateOf } from './update-end.ts';
import { updateBlockingSpans, updateNodes } from './update-nodes.ts';
import { observationsOf } from './update-observations.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** What steps after the plan warn of. */
const laterWarnings = (visits: readonly Visit[]): string[] =>
  visits
    .filter(({ state }) => state !== 'PlanUpgrade')
    .flatMap(({ output }) => {
      const { warnings, warning } = objectOf(output);
      return [...textsOf(warnings), ...textsOf([warning])];
    });

const wavesOf = (visits: readonly Visit[]): Report['waves'] =>
  visits
    .filter(({ state, output }) => state === 'SelectNodes' && objectOf(output).status === 'selected')
    .map(({ output, exitedAt, enteredAt }) => ({
      number: numberOf(objectOf(output).number) ?? 0,
      startedAt: iso(exitedAt ?? enteredAt),
      nodes: listOf(objectOf(output).nodes).length,
    }));

function bakesOf(visits: readonly Visit[]): NonNullable<Report['canary']>['bakes'] {
  return visits
    .filter(({ state }) => state === 'WaitForCanary')
    .map(({ enteredAt, exitedAt }) => ({
      startedAt: iso(enteredAt),
      ...(exitedAt === undefined ? {} : { endedAt: iso(exitedAt) }),
    }));
}

const upgradeBegan = (phases: Report['phases']): number | undefined =>
  millisecondsOf(phases.find(({ name }) => name === 'upgrade')?.startedAt);

/** What the newest turn says, when it is that an operator lets no node start. */
function pauseReasonOf(visits: readonly Visit[]): string | undefined {
  const turns = visits.filter(({ state, output }) => state === 'AwaitTurn' && output !== undefined);
  const newest = turns.reduce<Visit | undefined>(
    (best, turn) => ((turn.exitedAt ?? 0) >= (best?.exitedAt ?? 0) ? turn : best),
    undefined,
  );
  const reason = textOf(objectOf(newest?.output).reason);
  return reason?.startsWith(PAUSED) ? reason : undefined;
}

/**
 * Build the report of a run from its histories alone: the parent execution's and its child executions'. Works for a run
 * in any status; whatever a history withholds is absent from the report.
 *
 * @param upgrade `execution` as DescribeExecution gives it, `history` as GetExecutionHistory does, oldest or newest first
 * @throws never, for events of AWS's shape
 */
export function buildReport(upgrade: UpgradeHistory): Report {
  const parent = inOrder(upgrade);
  const children = upgrade.children.map(inOrder);
  const status = statusOf(parent);
  const visits = visitsOf(parent.history);
  const span = spanOf(parent, children);
  const { startedAt, stoppedAt, observedAt } = span;
  const readings = children.map((child) => readChild(child, observedAt));
  const plan = planOf(visits.findLast(({ state }) => state === 'PlanUpgrade')?.output);
  const failure = failureOf(parent, visits, status);
  const phases = phasesOf(visits, stoppedAt);
  const observations = observationsOf(visits);
  const update = updateOf(observations, status, failure);
  const end = update && { status: update.status, failure, upgradeAt: upgradeBegan(phases), observedAt };
  const begun = end === undefined ? nodesOf(readings) : updateNodes(observations, plan, end);
  const nodes = [...begun, ...queuedNodes(plan, visits, begun)];
  const allVisits = [...visits, ...readings.flatMap((reading) => reading.visits)];
  const bakes = bakesOf(visits);
  // An update that was under way may have raised the size already: nobody said what it was before.
  const originalDesired = update?.isAdopted ? undefined : plan?.sizes.desiredCapacity;
  const transitions =
    transitionsOf(parent.history, visits) +
    children.reduce((sum, { history }, index) => sum + transitionsOf(history, readings[index]?.visits ?? []), 0);
  const facts = {
    status,
    plan,
    update,
    pauseReason: status === 'RUNNING' ? pauseReasonOf(allVisits) : undefined,
    counts: countsOf(nodes, plan, observations),
    failure,
    durationSeconds: Math.max(0, Math.round((observedAt - startedAt) / 1000)),
  };
  return omitUndefined({
    schemaVersion: 1 as const,
    headline: headlineOf(facts),
    advice: adviceOf(facts),
    ...facts,
    execution: executionOf(parent, span),
    observedAt: iso(observedAt),
    input: inputOf(parent),
    phases,
    waves: wavesOf(visits),
    canary: bakes.length === 0 ? undefined : { bakes },
    nodes,
    blockingPods: (end === undefined
      ? readings.flatMap(({ blockingPods }) => blockingPods)
      : updateBlockingSpans(observations, nodes, end)
    ).sort(byImportance),
    capacity: capacityOf(allVisits, originalDesired),
    retries: mergeRetries([
      ...retriesOf(visits),
      ...readings.flatMap((reading) => retriesOf(reading.visits, reading.instanceId)),
    ]),
    warnings: [...new Set([...(plan?.warnings ?? []), ...laterWarnings(visits)].map(asSentence))],
    cost: omitUndefined({
      stateTransitions: transitions,
      stepFunctionsUsd: transitions * TRANSITION_USD,
      extraInstanceHours:
        end === undefined
          ? extraInstanceHours(plan, visits, nodes, observedAt)
          : extraHoursSeen(observations, originalDesired, observedAt),
      historyEvents: [parent, ...children].reduce((sum, { history }) => sum + history.length, 0),
      executions: 1 + children.length,
    }),
  });
}
