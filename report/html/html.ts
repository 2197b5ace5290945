/*
 * A report as one HTML page that needs nothing else.
 *
 * markup    text that is safe to place in the page; only the tag `html` makes it
 * card      a section with a border; details are a card that is closed at first
 * figure    a number worth reading first
 * timeline  phases, Ready nodes and one bar per node over one axis
 * pill      a status or an outcome as a coloured word
 */
import { type Figure, figuresOf } from '../model/figures.ts';
import type { Report } from '../model/model.ts';
import { instantText } from '../model/text.ts';
import { renderBlockingPods, renderPlannedBlockingPods } from './blocking-pods.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { renderNodeTable } from './nodes.ts';
import { factLine, failureNotice, htmlPage, statusPill, warningNotice } from './page.ts';
import { renderPlan } from './plan.ts';
import { renderExecution, renderPhaseTable, renderRetries, renderUpdate } from './run.ts';
import { renderTimeline } from './timeline.ts';

/** The status as a word: a run can be more than running or succeeded. */
const statusOf = ({ status, plan, pauseReason }: Report): Markup =>
  statusPill(status, status === 'SUCCEEDED' && plan?.isDryRun ? 'Dry run' : pauseReason && 'Paused');

const facts = ({ plan, execution }: Report): Markup =>
  factLine([
    ['Cluster', plan?.clusterName],
    plan?.nodegroupName === undefined
      ? ['Auto Scaling group', plan?.autoScalingGroupName]
      : ['Node group', plan.nodegroupName],
    ['Region', execution.region],
    ['Started', instantText(execution.startedAt)],
    ['Ended', execution.stoppedAt && instantText(execution.stoppedAt)],
    ['By', execution.startedBy],
  ]);

/** Key figures as cards. */
export const renderFigures = (figures: readonly Figure[]): Markup =>
  html`<dl class="figures">${figures.map(
    ({ name, value, note, tone }) =>
      html`<div><dt>${name}</dt><dd${tone === 'neutral' ? NOTHING : html` class="${tone}"`}>${value}${note === undefined ? NOTHING : html`<small>${note}</small>`}</dd></div>`,
  )}</dl>`;

/** All sections of a report below its headline. */
export function renderSections(report: Report): Markup {
  // What needs a person comes first.
  const isAnyPodBlocking = report.blockingPods.some(({ outcome }) => outcome === 'blocked');
  return html`${failureNotice(report.failure, report.advice)}
${renderFigures(figuresOf(report))}
${isAnyPodBlocking ? renderBlockingPods(report) : NOTHING}
${renderTimeline(report)}
${isAnyPodBlocking ? NOTHING : renderBlockingPods(report)}
${warningNotice(report.warnings)}
${renderUpdate(report)}
${renderPhaseTable(report)}
${renderNodeTable(report)}
${renderPlannedBlockingPods(report)}
${renderPlan(report)}
${renderRetries(report)}
${renderExecution(report)}`;
}

/** Render a report as one HTML page. */
export const renderHtml = (report: Report): string =>
  htmlPage(
    report,
    html`${statusOf(report)}
<h1>${report.headline}</h1>
${facts(report)}`,
    renderSections(report),
  );
