import { figuresOf } from './figures.ts';
import { html, type Markup, NOTHING, raw } from './html-markup.ts';
import { STYLE } from './html-style.ts';
import {
  renderBlockers,
  renderExecution,
  renderHeldPods,
  renderNodeTable,
  renderPhaseTable,
  renderPlan,
  renderRetries,
  renderUpdate,
} from './html-tables.ts';
import { renderTimeline } from './html-timeline.ts';
import type { Report } from './model.ts';
import { grouped, instantText, plural } from './text.ts';

const STATUSES: Readonly<Record<Report['status'], { tone: string; text: string; path: string }>> = {
  SUCCEEDED: { tone: 'good', text: 'Succeeded', path: 'M3 8.5 6.5 12 13 4.5' },
  RUNNING: { tone: 'busy', text: 'Running', path: 'M8 4.5V8l2.5 1.5M14.5 8a6.5 6.5 0 1 1-13 0a6.5 6.5 0 0 1 13 0' },
  FAILED: { tone: 'bad', text: 'Failed', path: 'M4 4 12 12M12 4 4 12' },
  ABORTED: { tone: 'bad', text: 'Aborted', path: 'M4 4 12 12M12 4 4 12' },
  TIMED_OUT: { tone: 'bad', text: 'Timed out', path: 'M4 4 12 12M12 4 4 12' },
};

function statusPill({ status, plan, pauseReason }: Report): Markup {
  const { tone, text, path } = STATUSES[status];
  const words = status === 'SUCCEEDED' && plan?.isDryRun ? 'Dry run' : pauseReason === undefined ? text : 'Paused';
  return html`<span class="status ${tone}"><svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>${words}</span>`;
}

function facts({ plan, execution }: Report): Markup {
  const fact = (name: string, value: string | undefined): Markup =>
    value === undefined || value === '' ? NOTHING : html`<span>${name} <b>${value}</b></span>`;
  return html`<p class="facts">${fact('Cluster', plan?.clusterName)}${fact('Node group', plan?.nodegroupName)}${
    plan?.nodegroupName === undefined ? fact('Auto Scaling group', plan?.autoScalingGroupName) : NOTHING
  }${fact('Region', execution.region)}${fact('Started', instantText(execution.startedAt))}${
    execution.stoppedAt === undefined ? NOTHING : fact('Ended', instantText(execution.stoppedAt))
  }${fact('By', execution.startedBy)}</p>`;
}

function failure({ failure: failed, advice }: Report): Markup {
  if (failed === undefined) return NOTHING;
  const where = failed.state === undefined ? '' : ` in ${failed.state}`;
  const next = [...failed.recovery, ...advice];
  return html`<section class="card notice"><h2>${failed.error}${where}</h2><p>${failed.cause}</p>${
    next.length === 0 ? NOTHING : html`<ul>${next.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
  }</section>`;
}

const warnings = (sentences: readonly string[]): Markup =>
  sentences.length === 0
    ? NOTHING
    : html`<section class="card notice warn"><h2>${plural(sentences.length, 'warning')}</h2><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;

const figures = (report: Report): Markup =>
  html`<dl class="figures">${figuresOf(report).map(
    ({ name, value, note, tone }) =>
      html`<div><dt>${name}</dt><dd${tone === 'neutral' ? NOTHING : html` class="${tone}"`}>${value}${note === undefined ? NOTHING : html`<small>${note}</small>`}</dd></div>`,
  )}</dl>`;

/**
 * Render a report as one HTML page that needs nothing else: no script, no request; light and dark, and printable.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/CSP: the page forbids itself everything but its own style
 */
export function renderHtml(report: Report): string {
  const { cost, heldPods, observedAt, status } = report;
  // What needs a person comes first.
  const isAnyPodStuck = heldPods.some(({ outcome }) => outcome === 'held');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${report.headline}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<header>${statusPill(report)}
<h1>${report.headline}</h1>
${facts(report)}</header>
${failure(report)}
${figures(report)}
${isAnyPodStuck ? renderHeldPods(report) : NOTHING}
${renderTimeline(report)}
${isAnyPodStuck ? NOTHING : renderHeldPods(report)}
${warnings(report.warnings)}
${renderUpdate(report)}
${renderPhaseTable(report)}
${renderNodeTable(report)}
${renderBlockers(report)}
${renderPlan(report)}
${renderRetries(report)}
${renderExecution(report)}
<footer>Made from the execution history alone: ${grouped(cost.historyEvents)} events of ${plural(cost.executions, 'execution')}${
    status === 'RUNNING' ? `, as of ${instantText(observedAt)}` : ''
  }. All times are UTC.</footer>
</main>
</body>
</html>
`.markup;
}
