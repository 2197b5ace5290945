import type { BlockingPod } from '../../domain/state.ts';
import { plural } from '../../domain/text.ts';
import type { BlockingSpan, Report } from '../model/model.ts';
import { duration, shortNodeName, timeOfDay } from '../model/text.ts';
import { details } from './details.ts';
import { html, type Markup, NOTHING } from './markup.ts';

/** More rows than a person reads; the JSON report has them all. */
const MOST_ROWS = 100;

const podCell = ({ namespace, name, owner }: BlockingPod): Markup =>
  html`<td class="pod"><span class="owner">${namespace}/${name}</span>${owner === undefined ? NOTHING : html`<small>${owner}</small>`}</td>`;

/** A detail whose reason is a budget names it; other reasons do not. */
const reasonCell = ({ detail, budget, reason }: BlockingPod): Markup =>
  html`<td>${detail === '' ? reason : detail}${budget === undefined || (reason === 'budget' && detail !== '') ? NOTHING : html`<small>budget ${budget}</small>`}</td>`;

const blockingRow = (
  pod: BlockingSpan,
  isRunning: boolean,
): Markup => html`<tr>${podCell(pod)}<td class="nowrap" title="${pod.instanceId}">${shortNodeName(pod)}</td>${reasonCell(pod)}
<td class="nowrap">${duration(pod.blockedSeconds)}<small>since ${timeOfDay(pod.blockedFrom)}</small></td>
<td><span class="pill ${pod.outcome === 'blocked' ? 'bad' : 'good'}">${pod.outcome === 'left' ? 'left' : isRunning ? 'blocking now' : 'not resolved'}</span></td><td class="advice">${pod.advice}</td></tr>`;

/** The pods that blocked drains: why, how long, and what to do. */
export function renderBlockingPods({ blockingPods, status }: Report): Markup {
  if (blockingPods.length === 0) return NOTHING;
  const more = blockingPods.length - MOST_ROWS;
  return html`<section class="card"><h2>Blocking pods</h2><div class="scroll"><table>
<thead><tr><th>Pod</th><th>Node</th><th>Reason</th><th>For</th><th>Outcome</th><th>What to do</th></tr></thead>
<tbody>${blockingPods.slice(0, MOST_ROWS).map((pod) => blockingRow(pod, status === 'RUNNING'))}</tbody></table></div>${
    more > 0
      ? html`<p class="soft">…and ${plural(more, 'more pod')}, which blocked for less long; the JSON report has them all.</p>`
      : NOTHING
  }</section>`;
}

/** Pods that the plan expected to block a drain. */
export function renderPlannedBlockingPods({ plan }: Report): Markup {
  if (plan === undefined || plan.blockingPods.length === 0) return NOTHING;
  const table = html`<div class="scroll"><table><thead><tr><th>Pod</th><th>Reason</th><th>What to do</th></tr></thead><tbody>${plan.blockingPods.map(
    (blockingPod) =>
      html`<tr>${podCell(blockingPod)}${reasonCell(blockingPod)}<td class="advice">${blockingPod.advice}</td></tr>`,
  )}</tbody></table></div>`;
  const title = plan.isDryRun ? 'Pods that would block a drain' : 'Pods the plan expected to block a drain';
  const count = plural(plan.blockingPodCount, 'pod');
  return plan.isDryRun ? html`<section class="card"><h2>${title}</h2>${table}</section>` : details(title, count, table);
}
