import { plural } from '../../domain/text.ts';
import { clockFace, duration, timeOfDay } from '../../report/model/text.ts';
import { wrapped } from './cells.ts';
import { ASCII, type Glyphs, UNICODE } from './glyphs.ts';
import { nodeLines } from './node-cells.ts';
import { clip, lineWidth, paint, type Span, span } from './paint.ts';
import type { ProgressView } from './view.ts';

export interface Screen {
  readonly columns: number;
  /** Lines the display may take up; it never returns more. */
  readonly rows: number;
  readonly colour: boolean;
  /** False for terminals without UTF-8. */
  readonly unicode?: boolean;
}

/** The title on the left, and the clocks on the right. */
export function titleLine(view: Pick<ProgressView, 'title' | 'at' | 'elapsedSeconds'>, columns: number): Span[] {
  const clock = `${timeOfDay(view.at)} UTC  ${clockFace(view.elapsedSeconds)}`;
  const title = clip([span(view.title, 'bold')], Math.max(10, columns - clock.length - 2));
  const gap = Math.max(2, columns - lineWidth(title) - clock.length);
  return [...title, span(' '.repeat(gap)), span(clock, 'dim')];
}

const COMING = ['Plan', 'Setup', 'Scale up', 'Upgrade', 'Scale down'];

function phasesWithGap({ phases, status }: ProgressView, glyphs: Glyphs, gap: string): Span[] {
  const begun = phases.flatMap(({ title, state, seconds }) => [
    span(`${glyphs.phase[state]} ${title} `, state === 'failed' ? 'bad' : state === 'current' ? 'bold' : 'good'),
    span(`${clockFace(seconds)}${gap}`, 'dim'),
  ]);
  const isGoingOn = status === 'RUNNING' && phases.every(({ name }) => name !== 'recovery');
  const last = COMING.indexOf(phases.at(-1)?.title ?? '');
  const coming = isGoingOn
    ? COMING.slice(last + 1).map((title) => span(`${glyphs.phase.coming} ${title}${gap}`, 'dim'))
    : [];
  return [...begun, ...coming];
}

function phaseLine(view: ProgressView, glyphs: Glyphs, columns: number): Span[] {
  const roomy = phasesWithGap(view, glyphs, '   ');
  return lineWidth(roomy) <= columns ? roomy : phasesWithGap(view, glyphs, ' ');
}

function progressLine(view: ProgressView, glyphs: Glyphs, columns: number): Span[] {
  const { counts } = view;
  const facts = [
    `${counts.upgraded} of ${counts.outdated} replaced`,
    ...(counts.blocked > 0 ? [`${counts.blocked} blocked`] : []),
    ...(view.parallelism === undefined ? [] : [`${view.parallelism} at a time`]),
    ...(view.remainingSeconds === undefined ? [] : [`about ${duration(roughly(view.remainingSeconds))} left`]),
  ].join(` ${glyphs.dot} `);
  const width = Math.max(10, Math.min(40, columns - facts.length - 3));
  const share = counts.outdated === 0 ? 0 : counts.upgraded / counts.outdated;
  const full = Math.round(share * width);
  return [span(glyphs.full.repeat(full), 'good'), span(glyphs.empty.repeat(width - full), 'dim'), span(`  ${facts}`)];
}

/** Round an estimate: it is not exact to the second. */
const roughly = (seconds: number): number =>
  seconds > 600
    ? Math.round(seconds / 60) * 60
    : seconds > 60
      ? Math.round(seconds / 15) * 15
      : Math.round(seconds / 5) * 5;

function capacityLine(
  { readyNodes, originalNodes, lowestReadyNodes }: ProgressView,
  glyphs: Glyphs,
  columns: number,
): Span[] {
  if (readyNodes === undefined) return [];
  // The capacity before an update that somebody else has started is unknown.
  const before = originalNodes ?? readyNodes;
  const facts = [
    `${plural(readyNodes, 'node')} ready`,
    ...(originalNodes === undefined ? [] : [`${originalNodes} before`]),
    `lowest ${lowestReadyNodes ?? readyNodes}`,
  ].join(` ${glyphs.dot} `);
  const width = Math.max(10, Math.min(40, columns - facts.length - 3));
  // The mark is at the capacity before the run, with room for the surge to its right.
  const scale = Math.max(before * 1.25, readyNodes, 1);
  const mark = Math.min(width - 1, Math.round((before / scale) * width));
  const full = Math.min(width, Math.round((readyNodes / scale) * width));
  const characters = Array.from({ length: width }, (_, index) =>
    originalNodes !== undefined && index === mark ? glyphs.mark : index < full ? glyphs.full : glyphs.empty,
  ).join('');
  return [span(characters, readyNodes < before ? 'bad' : 'cordonWait'), span(`  ${facts}`)];
}

/** The pods that block drains now, why, and what to do: cut to a line each when the screen is low. */
function blockedLines({ blockingPods, status }: ProgressView, columns: number, isRoomy: boolean): Span[][] {
  if (status !== 'RUNNING') return [];
  return blockingPods.slice(0, isRoomy ? 4 : 2).flatMap((pod) => {
    const start = [span(`${pod.namespace}/${pod.name} `, 'bold'), span('blocking ', 'warn')];
    const text = `for ${duration(pod.blockedSeconds)}: ${pod.detail} ${pod.advice}`;
    const [first = '', ...more] = wrapped(text, Math.max(20, columns - lineWidth(start)));
    if (!isRoomy) return [[...start, span(text)]];
    const rest = wrapped(more.join(' '), columns - 5).filter((line) => line !== '');
    return [[...start, span(first)], ...rest.map((line) => [span(`     ${line}`)])];
  });
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Draw the run as lines for a terminal of a size. Pure; no line is wider than `columns`, and there are at most `rows`.
 */
export function renderProgress(view: ProgressView, { columns, rows, colour, unicode = true }: Screen): string[] {
  const glyphs = unicode ? UNICODE : ASCII;
  const head = [
    titleLine(unicode ? view : { ...view, title: view.title.replace('→', ASCII.arrow) }, columns),
    phaseLine(view, glyphs, columns),
    ...(view.counts.outdated === 0 ? [] : [progressLine(view, glyphs, columns)]),
    capacityLine(view, glyphs, columns),
    view.pauseReason === undefined ? [] : [span(capitalized(view.pauseReason), 'warn')],
    view.waitsFor === undefined ? [] : [span(`No further node is taken: ${view.waitsFor}`, 'dim')],
  ].filter((line) => line.length > 0);
  const roomBeside = (blockingPods: readonly Span[][]): number =>
    rows - head.length - 1 - (blockingPods.length === 0 ? 0 : blockingPods.length + 1);
  const inFull = blockedLines(view, columns, true);
  const inShort = blockedLines(view, columns, false);
  // A line for every node is worth more than a whole sentence on each blocking pod; a grid or less is not.
  const fits = (blockingPods: readonly Span[][]): boolean =>
    view.nodes.length + view.unlistedNodes <= roomBeside(blockingPods);
  const blockingPods = rows < 40 || (!fits(inFull) && fits(inShort)) ? inShort : inFull;
  const room = roomBeside(blockingPods);
  const nodes =
    view.nodes.length + view.unlistedNodes === 0 || room < 1 ? [] : [[], ...nodeLines(view, glyphs, columns, room)];
  const lines = [...head, ...nodes, ...(blockingPods.length === 0 ? [] : [[], ...blockingPods])];
  return lines.slice(0, Math.max(1, rows)).map((line) => paint(clip(line, columns, glyphs.cut), colour));
}
