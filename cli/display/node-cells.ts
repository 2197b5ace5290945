import { plural } from '../../domain/text.ts';
import { sized, widthOf } from './cells.ts';
import type { Glyphs } from './glyphs.ts';
import { lineWidth, type Span, type Style, span } from './paint.ts';
import type { CellState, NodeCell, ProgressView } from './view.ts';

const STYLES: Readonly<Record<CellState, Style>> = {
  queued: 'dim',
  draining: 'draining',
  cordonWait: 'cordonWait',
  terminating: 'terminating',
  replaced: 'good',
  removed: 'good',
  blocked: 'bad',
  gone: 'dim',
  skipped: 'dim',
  interrupted: 'bad',
};

const WORDS: Readonly<Record<CellState, string>> = {
  queued: '',
  draining: 'draining',
  cordonWait: 'cordon wait',
  terminating: 'terminating',
  replaced: 'replaced',
  removed: 'removed',
  blocked: 'BLOCKED',
  gone: 'gone',
  skipped: 'skipped',
  interrupted: 'stopped',
};

/** Share of a node's replacement that is done: the drain is most of it. */
function fractionOf({ state, podsLeft, podsTotal }: NodeCell): number {
  switch (state) {
    case 'draining':
      return podsTotal === 0 ? 0.05 : 0.05 + 0.55 * (1 - podsLeft / podsTotal);
    case 'cordonWait':
      return 0.7;
    case 'terminating':
      return 0.9;
    case 'replaced':
    case 'removed':
      return 1;
    default:
      return 0;
  }
}

function barOf(cell: NodeCell, width: number, glyphs: Glyphs): Span[] {
  const full = cell.state === 'queued' ? 0 : Math.round(fractionOf(cell) * width);
  return [span(glyphs.full.repeat(full), STYLES[cell.state]), span(glyphs.empty.repeat(width - full), 'dim')];
}

const wordOf = ({ state, podsLeft }: NodeCell): string =>
  state === 'draining' && podsLeft > 0 ? `draining ${podsLeft}` : WORDS[state];

/** One node on a line of its own: name, bar, state, and why it makes no progress. */
function rowOf(cell: NodeCell, view: ProgressView, glyphs: Glyphs, labelWidth: number): Span[] {
  const blockingPod = view.blockingPods.find(({ instanceId }) => instanceId === cell.instanceId);
  const words =
    cell.state === 'draining' && cell.podsLeft > 0
      ? `draining, ${plural(cell.podsLeft, 'pod')} left`
      : WORDS[cell.state];
  const attempt = cell.steps.at(-1)?.attempt ?? 1;
  const why =
    blockingPod !== undefined && cell.state === 'draining'
      ? `blocked by ${blockingPod.namespace}/${blockingPod.name}, ${blockingPod.budget === undefined ? blockingPod.detail : `budget ${blockingPod.budget}`}`
      : cell.state === 'replaced' || cell.state === 'queued'
        ? ''
        : (cell.error ?? cell.reason ?? '');
  return [
    span(`${sized(cell.label, labelWidth, glyphs.cut)} `, cell.state === 'queued' ? 'dim' : 'plain'),
    ...barOf(cell, 14, glyphs),
    span(' '),
    span(sized(`${words}${attempt > 1 ? `, attempt ${attempt}` : ''}`, 22, glyphs.cut), STYLES[cell.state]),
    span(why === '' ? '' : ` ${why}`, blockingPod === undefined ? 'dim' : 'warn'),
  ];
}

const CELL_WIDTH = 37;

/** One node in a grid: glyph, name, short bar, state. */
function gridCell(cell: NodeCell, view: ProgressView, glyphs: Glyphs, width: number): Span[] {
  const isBlocked =
    cell.state === 'draining' && view.blockingPods.some(({ instanceId }) => instanceId === cell.instanceId);
  const line = [
    span(`${sized(cell.label, width - 21, glyphs.cut)} `, cell.state === 'queued' ? 'dim' : 'plain'),
    ...barOf(cell, 6, glyphs),
    span(' '),
    span(
      sized(isBlocked ? `blocked ${cell.podsLeft}` : wordOf(cell), 11, glyphs.cut),
      isBlocked ? 'warn' : STYLES[cell.state],
    ),
  ];
  return [...line, span(' '.repeat(Math.max(0, width - lineWidth(line))))];
}

function inColumns(cells: readonly Span[][], columns: number): Span[][] {
  const height = Math.ceil(cells.length / columns);
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cells[column * height + row] ?? []).flat(),
  );
}

const ACTIVE = new Set<CellState>(['draining', 'cordonWait', 'terminating', 'blocked', 'interrupted']);

/** One glyph a node, then as many of the nodes in work as there is room for. */
function mosaic(view: ProgressView, glyphs: Glyphs, columns: number, rows: number): Span[][] {
  const lines: Span[][] = [];
  const { nodes, unlistedNodes } = view;
  const unlisted = Array.from({ length: unlistedNodes }, (): CellState => 'queued');
  const states = [...nodes.map(({ state }) => state), ...unlisted];
  for (let start = 0; start < states.length && lines.length < rows; start += columns) {
    lines.push(states.slice(start, start + columns).map((state) => span(glyphs.states[state], STYLES[state])));
  }
  const legend = (['queued', 'draining', 'cordonWait', 'terminating', 'replaced', 'blocked'] as const).flatMap(
    (state) => [span(glyphs.states[state], STYLES[state]), span(` ${WORDS[state].toLowerCase() || state}  `, 'dim')],
  );
  if (lines.length + 2 < rows) lines.push([], legend);
  const room = rows - lines.length - 1;
  const across = Math.max(1, Math.floor(columns / CELL_WIDTH));
  // The newest blocked nodes last: those in work matter more while the run goes on.
  const active = nodes
    .filter(({ state }) => ACTIVE.has(state))
    .sort((left, right) => Number(left.state === 'blocked') - Number(right.state === 'blocked'))
    .slice(0, Math.max(0, room) * across);
  if (active.length > 0) {
    const cells = active.map((cell) => gridCell(cell, view, glyphs, CELL_WIDTH));
    lines.push([], ...inColumns(cells, across));
  }
  return lines;
}

/** The nodes in the most detailed form that fits: a line each, a grid, or a glyph each. */
export function nodeLines(view: ProgressView, glyphs: Glyphs, columns: number, rows: number): Span[][] {
  const { nodes, unlistedNodes } = view;
  if (nodes.length + unlistedNodes <= rows && columns >= 60) {
    const labelWidth = Math.min(24, Math.max(8, ...nodes.map(({ label }) => widthOf(label))));
    const more = unlistedNodes === 0 ? [] : [[span(`and ${plural(unlistedNodes, 'more node')} queued`, 'dim')]];
    return [...nodes.map((cell) => rowOf(cell, view, glyphs, labelWidth)), ...more];
  }
  const across = Math.max(1, Math.floor(columns / CELL_WIDTH));
  if (unlistedNodes === 0 && Math.ceil(nodes.length / across) <= rows && columns >= CELL_WIDTH) {
    return inColumns(
      nodes.map((cell) => gridCell(cell, view, glyphs, Math.min(44, Math.floor(columns / across)))),
      across,
    );
  }
  return mosaic(view, glyphs, columns, rows);
}
