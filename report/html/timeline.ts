import type { Attempt, BlockingSpan, NodeReport, NodeState, Phase, Report } from '../model/model.ts';
import { duration, secondsBetween, shortNodeName, timeOfDay } from '../model/text.ts';
import { inferenceNote } from '../model/update-words.ts';
import { type Axis, axisLabels, axisOf, gridLines } from './axis.ts';
import { renderCapacity } from './capacity.ts';
import { html, type Markup, NOTHING, percent } from './markup.ts';

const STATE_TITLES: Readonly<Record<NodeState, string>> = {
  waiting: 'waiting',
  unseen: 'not observed',
  draining: 'draining',
  cordonWait: 'cordon wait',
  terminating: 'terminating',
};

/** Height of a row in pixels: bars get thinner so that hundreds of nodes stay on a few screens. */
const rowHeight = (nodes: number): number => (nodes <= 45 ? 18 : nodes <= 120 ? 11 : nodes <= 350 ? 7 : 4);

const LABEL_HEIGHT = 13;

/** From when until when, and how long that is. */
export const timeSpan = (from: string, to: string): string =>
  `${timeOfDay(from)} to ${timeOfDay(to)} UTC (${duration(secondsBetween(from, to))})`;

function bands(phases: readonly Phase[], axis: Axis, observedAt: string): Markup {
  return html`<svg class="bands" height="22" role="img"><title>Phases of the run</title>${phases.map((phase) => {
    const end = phase.endedAt ?? observedAt;
    const [from, to] = [axis.position(phase.startedAt), axis.position(end)];
    // About 9 px a letter on a plot of about 1,000 px: a name that does not fit is left to the tooltip and the table.
    const fits = (to - from) * 1000 > phase.title.length * 9;
    return html`<g><title>${phase.title}${phase.carriedOutBy === undefined ? '' : ` by ${phase.carriedOutBy}`}: ${timeSpan(phase.startedAt, end)}</title><rect class="${phase.name}" x="${percent(from)}" width="${percent(Math.max(0.0015, to - from - 0.001))}" y="2" height="18"/>${
      fits
        ? html`<text class="${to - from > 0.35 ? 'wide' : 'narrow'}" x="${percent((from + to) / 2)}" y="15" text-anchor="middle">${phase.title}</text>`
        : NOTHING
    }</g>`;
  })}</svg>`;
}

interface Box {
  readonly axis: Axis;
  readonly y: number;
  readonly height: number;
}

function bar({ axis, y, height }: Box, from: string, to: string, name: string, title: string): Markup {
  const [left, right] = [axis.position(from), axis.position(to)];
  // Short states, such as the call that terminates an instance, must still be seen.
  return html`<rect class="${name}" x="${percent(left)}" y="${y}" width="${percent(Math.max(0.002, right - left))}" height="${height}"><title>${title}</title></rect>`;
}

function attemptBars(node: NodeReport, attempt: Attempt, blockingPods: readonly BlockingSpan[], box: Box): Markup {
  const name = `${node.nodeName ?? node.instanceId}${attempt.number > 1 ? `, attempt ${attempt.number}` : ''}`;
  const last = attempt.segments.at(-1)?.endedAt ?? attempt.startedAt;
  const end = attempt.endedAt ?? last;
  const markY = box.y + box.height / 2;
  const markX = percent(Math.min(0.997, box.axis.position(end)));
  const radius = Math.min(5.5, box.height / 2 + 1);
  const pods = blockingPods.map(({ namespace, name: pod }) => `${namespace}/${pod}`).join(', ');
  return html`${attempt.segments.map(({ state, startedAt, endedAt }) =>
    bar(box, startedAt, endedAt, state, `${name}: ${STATE_TITLES[state]} ${timeSpan(startedAt, endedAt)}`),
  )}${blockingPods.map((pod) =>
    bar(
      { ...box, y: box.y + box.height * 0.62, height: box.height * 0.38 },
      pod.blockedFrom,
      pod.blockedUntil,
      'blocking',
      `${name}: blocked by ${pods}: ${pod.detail} ${timeSpan(pod.blockedFrom, pod.blockedUntil)}`,
    ),
  )}${
    attempt.outcome === 'blocked' || attempt.outcome === 'interrupted'
      ? html`<circle class="blocked" cx="${markX}" cy="${markY}" r="${radius}"><title>${name}: ${attempt.outcome}${attempt.reason === undefined ? '' : `: ${attempt.reason}`}</title></circle>`
      : NOTHING
  }${
    attempt.outcome === 'skipped' || attempt.outcome === 'gone'
      ? html`<circle class="skipped" cx="${markX}" cy="${markY}" r="${radius - 1}"><title>${name}: ${attempt.outcome}${attempt.reason === undefined ? '' : `: ${attempt.reason}`}</title></circle>`
      : NOTHING
  }`;
}

/** A pod may have been seen to block before its node was seen to be drained. */
const isWithin = (pod: BlockingSpan, attempt: Attempt): boolean =>
  pod.blockedUntil >= attempt.startedAt && pod.blockedFrom <= (attempt.endedAt ?? '9999');

function renderNodes(report: Report, axis: Axis): Markup {
  const { nodes, blockingPods, observedAt, status } = report;
  const height = rowHeight(nodes.length);
  const barHeight = Math.max(3, height - (height > 10 ? 4 : 1));
  const every = Math.ceil(LABEL_HEIGHT / height);
  const blockingOf = Map.groupBy(blockingPods, ({ instanceId }) => instanceId);
  const total = nodes.length * height + 4;
  const isBad = ({ outcome }: NodeReport): boolean => outcome === 'blocked' || outcome === 'interrupted';
  // A blocked node's name is always shown; its neighbours make room.
  const bad = nodes.flatMap((node, index) => (isBad(node) ? [index] : []));
  const isShown = (index: number): boolean =>
    bad.includes(index) || (index % every === 0 && !bad.some((other) => Math.abs(other - index) < every));
  const labels = nodes.map((node, index) =>
    isShown(index)
      ? html`<text class="node${isBad(node) ? ' bad' : ''}" x="100%" y="${index * height + height / 2 + 4}">${shortNodeName(node)}<title>${node.nodeName ?? ''} ${node.instanceId} ${node.zone ?? ''}</title></text>`
      : NOTHING,
  );
  const bars = nodes.map((node, index) => {
    const box = { axis, y: index * height + (height - barHeight) / 2, height: barHeight };
    const blockingPods = blockingOf.get(node.instanceId) ?? [];
    return html`${node.attempts.map((attempt) =>
      attemptBars(
        node,
        attempt,
        blockingPods.filter((pod) => isWithin(pod, attempt)),
        box,
      ),
    )}`;
  });
  const now = percent(axis.position(observedAt));
  return html`<div class="row nodes">
<div class="label"><svg height="${total}">${labels}</svg></div>
<div class="plot"><svg height="${total}" role="img"><title>One bar per node; the table of nodes has the same figures</title>${gridLines(axis)}${bars}${
    status === 'RUNNING'
      ? html`<line class="now" x1="${now}" x2="${now}" y1="0" y2="100%"><title>now</title></line>`
      : NOTHING
  }</svg></div>
</div>`;
}

function legend(report: Report): Markup {
  const outcomes = new Set(report.nodes.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome)));
  const states = new Set(
    report.nodes.flatMap(({ attempts }) => attempts.flatMap(({ segments }) => segments.map(({ state }) => state))),
  );
  const entry = (name: string, text: string): Markup => html`<li><i class="${name}"></i>${text}</li>`;
  return html`<ul class="legend">${[
    entry('waiting', 'waiting'),
    states.has('unseen') ? entry('unseen', 'not observed') : NOTHING,
    entry('draining', 'draining'),
    report.blockingPods.length > 0 ? entry('blocking', 'blocking pods') : NOTHING,
    entry('cordonWait', 'cordon wait'),
    entry('terminating', 'terminating'),
    outcomes.has('blocked') || outcomes.has('interrupted') ? entry('blocked', 'blocked') : NOTHING,
    outcomes.has('gone') ? entry('skipped', 'gone') : NOTHING,
    outcomes.has('skipped') ? entry('skipped', 'skipped') : NOTHING,
    report.capacity.points.length > 0
      ? html`<li><i class="line good"></i>ready nodes</li><li><i class="dashed"></i>before the run</li>`
      : NOTHING,
  ]}</ul>`;
}

/** Executions of nodes may go on after that of the run has ended. */
const lastSeen = ({ nodes, observedAt }: Report): string =>
  nodes
    .flatMap(({ attempts }) => attempts.flatMap(({ segments }) => segments.map(({ endedAt }) => endedAt)))
    .reduce((latest, at) => (at > latest ? at : latest), observedAt);

/** Draw phases, capacity and one bar per node over one time axis, whose head stays in sight. */
export function renderTimeline(report: Report): Markup {
  if (report.phases.length === 0 || report.nodes.every(({ attempts }) => attempts.length === 0)) return NOTHING;
  const axis = axisOf({ ...report, observedAt: lastSeen(report) });
  const note = inferenceNote(report);
  return html`<section class="card timeline${report.update === undefined ? '' : ' byEks'}"><h2>Time line</h2>${note === undefined ? NOTHING : html`<p class="soft">${note}</p>`}
<div class="head">${legend(report)}
<div class="row"><div class="label">phase</div><div class="plot">${bands(report.phases, axis, report.observedAt)}</div></div>
<div class="row"><div class="label">elapsed</div><div class="plot">${axisLabels(axis)}</div></div>
</div>
${renderCapacity(report.capacity, axis)}
${renderNodes(report, axis)}
</section>`;
}
