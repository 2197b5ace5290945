import { grouped, plural } from '../../domain/text.ts';
import type { Report } from '../model/model.ts';
import { duration, secondsBetween, timeOfDay, usd } from '../model/text.ts';
import { updatePairs } from '../model/update-words.ts';
import { details, pairs } from './details.ts';
import { consoleLink } from './link.ts';
import { html, type Markup, NOTHING } from './markup.ts';

/** One row for each phase. */
export function renderPhaseTable({ phases }: Report): Markup {
  if (phases.length === 0) return NOTHING;
  const rows = phases.map(
    ({ title, startedAt, endedAt, hasFailed, carriedOutBy }) =>
      html`<tr><td>${title} ${carriedOutBy === undefined ? NOTHING : html`<span class="soft">by ${carriedOutBy}</span> `}${hasFailed ? html`<span class="pill bad">failed</span>` : NOTHING}</td><td class="number">${timeOfDay(startedAt)}</td><td class="number">${endedAt === undefined ? 'in progress' : timeOfDay(endedAt)}</td><td class="number">${endedAt === undefined ? '' : duration(secondsBetween(startedAt, endedAt))}</td></tr>`,
  );
  const summary = phases
    .map(({ title, startedAt, endedAt }) =>
      endedAt === undefined ? `${title} in progress` : `${title} ${duration(secondsBetween(startedAt, endedAt))}`,
    )
    .join(' · ');
  return details(
    'Phases',
    summary,
    html`<div class="scroll"><table><thead><tr><th>Phase</th><th class="number">Started (UTC)</th><th class="number">Ended</th><th class="number">Took</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** The update that EKS carries out. */
export function renderUpdate({ update }: Report): Markup {
  return update === undefined ? NOTHING : details('EKS update', update.updateId, pairs(updatePairs(update)));
}

/** One row for each error that was retried. */
export function renderRetries({ retries }: Report): Markup {
  if (retries.length === 0) return NOTHING;
  const rows = retries.map(
    ({ state, instanceId, error, message, count, lastAt }) =>
      html`<tr><td>${state}</td><td>${instanceId ?? ''}</td><td>${error}</td><td>${message}</td><td class="number">${count}</td><td class="number">${timeOfDay(lastAt)}</td></tr>`,
  );
  const count = retries.reduce((sum, retry) => sum + retry.count, 0);
  return details(
    'Retries',
    `${plural(count, 'failed try', 'failed tries')}, repeated`,
    html`<div class="scroll"><table><thead><tr><th>State</th><th>Instance</th><th>Error</th><th>Message</th><th class="number">Times</th><th class="number">Last (UTC)</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** What was started, by whom, with what. */
export function renderExecution({
  execution,
  input,
  cost,
}: Pick<Report, 'execution' | 'input'> & {
  readonly cost: Pick<Report['cost'], 'stateTransitions' | 'stepFunctionsUsd'>;
}): Markup {
  const body = html`${pairs([
    ['Execution', html`<code>${consoleLink(execution.arn, execution.consoleUrl)}</code>`],
    ['Continued by', execution.continuedBy && html`<code>${execution.continuedBy.join(', ')}</code>`],
    ['Started by', execution.startedBy ?? 'not in the history; CloudTrail records who called StartExecution'],
    ['Started', `${execution.startedAt}`],
    ['Stopped', execution.stoppedAt],
    ['Role', execution.roleArn === undefined ? undefined : html`<code>${execution.roleArn}</code>`],
    [
      'State transitions',
      `${grouped(cost.stateTransitions)}, ${usd(cost.stepFunctionsUsd)} at the list price of us-east-1`,
    ],
  ])}<h3>Input</h3><pre>${input === undefined ? 'not in the history' : JSON.stringify(input, null, 2)}</pre>`;
  return details('Execution and input', execution.name, body);
}
