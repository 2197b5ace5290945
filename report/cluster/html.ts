import { plural } from '../../domain/text.ts';
import { type Axis, axisLabels, axisOf, gridLines } from '../html/axis.ts';
import { renderFigures, renderSections } from '../html/html.ts';
import { html, type Markup, NOTHING, percent } from '../html/markup.ts';
import { factLine, failureNotice, htmlPage, statusPill, warningNotice } from '../html/page.ts';
import { renderExecution } from '../html/run.ts';
import { timeSpan } from '../html/timeline.ts';
import type { Report } from '../model/model.ts';
import { duration, instantText } from '../model/text.ts';
import { clusterFigures } from './figures.ts';
import type { ClusterReport, GroupRow } from './model.ts';
import {
  capacityWords,
  engineWords,
  fromTo,
  isBelowOriginal,
  nodesWords,
  OUTCOME_TONES,
  OUTCOME_WORDS,
  unresolvedWords,
  whyNot,
} from './words.ts';

const ROW_HEIGHT = 26;

const pill = ({ outcome }: GroupRow): Markup =>
  html`<span class="pill ${OUTCOME_TONES[outcome]}">${OUTCOME_WORDS[outcome]}</span>`;

const small = (text: string | undefined): Markup => (text ? html`<small>${text}</small>` : NOTHING);

function groupRow(row: GroupRow): Markup {
  const { name, durationSeconds, predictedSeconds, evicted, blockingPods } = row;
  const [{ from, to }, { error, reason }] = [fromTo(row), whyNot(row)];
  return html`<tr><td class="nowrap"><b>${name}</b><small>${engineWords(row)}</small></td><td>${pill(row)}</td><td class="nowrap">${to ?? from ?? '–'}${to === undefined ? NOTHING : small(from && `from ${from}`)}</td>
<td class="number">${nodesWords(row)}</td><td class="number">${durationSeconds === undefined ? '–' : duration(durationSeconds)}${
    predictedSeconds === undefined || predictedSeconds === 0
      ? NOTHING
      : small(`predicted ${duration(predictedSeconds)}`)
  }</td><td class="number">${evicted ?? '–'}</td>
<td class="number${isBelowOriginal(row) ? ' bad' : ''}">${capacityWords(row) || '–'}</td><td class="number">${blockingPods ?? '–'}${small(unresolvedWords(row))}</td><td class="advice">${error}${small(reason)}</td></tr>`;
}

const groupTable = ({ nodegroups }: ClusterReport): Markup =>
  nodegroups.length === 0
    ? NOTHING
    : html`<section class="card"><h2>Node groups</h2><div class="scroll"><table>
<thead><tr><th>Group</th><th>Outcome</th><th>To</th><th class="number">Nodes</th><th class="number">Took</th><th class="number">Evicted</th><th class="number">Lowest</th><th class="number">Blocking pods</th><th>Reason</th></tr></thead>
<tbody>${nodegroups.map(groupRow)}</tbody></table></div></section>`;

const outOfScope = ({ outOfScope: rows }: ClusterReport): Markup =>
  rows.length === 0
    ? NOTHING
    : html`<section class="card"><h2>Out of scope</h2><div class="scroll"><table>
<thead><tr><th>Nodes of</th><th class="number">Nodes</th><th>Why</th></tr></thead><tbody>${rows.map(
        ({ kind, name, nodes, reason }) =>
          html`<tr><td class="nowrap"><b>${name}</b><small>${kind}</small></td><td class="number">${nodes}</td><td>${reason}</td></tr>`,
      )}</tbody></table></div></section>`;

/** The phases of one group's run, end to end. */
function groupBar({ phases, observedAt, status, failure }: Report, name: string, axis: Axis, y: number): Markup {
  const end = percent(Math.min(0.997, axis.position(observedAt)));
  return html`${phases.map((phase) => {
    const endedAt = phase.endedAt ?? observedAt;
    const [from, to] = [axis.position(phase.startedAt), axis.position(endedAt)];
    return html`<rect class="${phase.name}" x="${percent(from)}" y="${y}" width="${percent(Math.max(0.002, to - from))}" height="${ROW_HEIGHT - 9}"><title>${name}: ${phase.title} ${timeSpan(phase.startedAt, endedAt)}</title></rect>`;
  })}${
    status === 'RUNNING' || status === 'SUCCEEDED'
      ? NOTHING
      : html`<circle class="blocked" cx="${end}" cy="${y + (ROW_HEIGHT - 9) / 2}" r="6"><title>${name}: ${failure?.error ?? 'failed'}</title></circle>`
  }`;
}

const PHASES = [
  ['plan', 'plan'],
  ['setup', 'setup'],
  ['scaleUp', 'scale up'],
  ['upgrade', 'upgrade'],
  ['scaleDown', 'scale down'],
  ['recovery', 'recovery'],
] as const;

function timeline(report: ClusterReport): Markup {
  const { groups, nodegroups, status, observedAt } = report;
  if (groups.length === 0) return NOTHING;
  const axis = axisOf(report);
  const rows = nodegroups.flatMap((row) => {
    const found = groups.find(({ execution }) => execution.name === row.execution?.name);
    return found === undefined ? [] : [{ row, report: found }];
  });
  const height = rows.length * ROW_HEIGHT + 6;
  const seen = new Set<string>(groups.flatMap(({ phases }) => phases.map(({ name }) => name)));
  const now = percent(axis.position(observedAt));
  return html`<section class="card timeline"><h2>Time line</h2>
<div class="head"><ul class="legend">${PHASES.map(([name, title]) => (seen.has(name) ? html`<li><i class="${name}"></i>${title}</li>` : NOTHING))}</ul>
<div class="row"><div class="label">elapsed</div><div class="plot">${axisLabels(axis)}</div></div></div>
<div class="row nodes"><div class="label"><svg height="${height}">${rows.map(
    ({ row: { name, outcome } }, index) =>
      html`<text class="node${outcome === 'failed' ? ' bad' : ''}" x="100%" y="${index * ROW_HEIGHT + 16}">${name.length > 20 ? `${name.slice(0, 19)}…` : name}<title>${name}</title></text>`,
  )}</svg></div>
<div class="plot"><svg height="${height}" role="img"><title>One bar per node group; the table of node groups has the same figures</title>${gridLines(axis)}${rows.map(
    ({ row, report: group }, index) => groupBar(group, row.name, axis, index * ROW_HEIGHT + 4),
  )}${
    status === 'RUNNING'
      ? html`<line class="now" x1="${now}" x2="${now}" y1="0" y2="100%"><title>now</title></line>`
      : NOTHING
  }</svg></div></div></section>`;
}

/** The whole report of one group, closed unless a person has to do something about it. */
function groupSection(report: ClusterReport, group: Report): Markup {
  const row = report.nodegroups.find(({ execution }) => execution?.name === group.execution.name);
  const name = row?.name ?? group.execution.name;
  const isOpen = row?.outcome === 'failed' || (row?.unresolvedPods ?? 0) > 0;
  return html`<details class="group"${isOpen ? html` open` : NOTHING}><summary>${name} ${row === undefined ? NOTHING : pill(row)}<span>${group.headline}</span></summary>
<div class="body">${renderSections(group)}</div></details>`;
}

const facts = ({ plan, execution, nodegroups }: ClusterReport): Markup =>
  factLine([
    ['Cluster', plan?.clusterName],
    ['Kubernetes', plan?.kubernetesVersion],
    ['Node groups', nodegroups.length === 0 ? undefined : plural(nodegroups.length, 'group')],
    ['At a time', plan?.maxParallelNodegroups?.toString()],
    [
      'After a failure',
      plan?.onNodegroupFailure && (plan.onNodegroupFailure === 'stop' ? 'stop' : 'continue with the others'),
    ],
    ['Region', execution.region],
    ['Started', instantText(execution.startedAt)],
    ['Ended', execution.stoppedAt && instantText(execution.stoppedAt)],
    ['By', execution.startedBy],
  ]);

/** Render the report of a whole cluster as one HTML page, with the report of each group below. */
export function renderClusterHtml(report: ClusterReport): string {
  const { headline, status, plan, failure, advice, warnings, groups } = report;
  return htmlPage(
    report,
    html`${statusPill(status, status === 'SUCCEEDED' && plan?.isDryRun ? 'Dry run' : undefined)}
<h1>${headline}</h1>
${facts(report)}`,
    html`${failureNotice(failure, advice)}
${renderFigures(clusterFigures(report))}
${groupTable(report)}
${timeline(report)}
${outOfScope(report)}
${warningNotice(warnings)}
${groups.length === 0 ? NOTHING : html`<h2 class="above">Each group</h2>`}
${groups.map((group) => groupSection(report, group))}
${renderExecution(report)}`,
  );
}
