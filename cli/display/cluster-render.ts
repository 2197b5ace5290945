import { plural } from '../../domain/text.ts';
import { OUTCOME_TONES, OUTCOME_WORDS } from '../../report/cluster/words.ts';
import { clockFace, duration } from '../../report/model/text.ts';
import { sized, widthOf } from './cells.ts';
import type { ClusterView, GroupCell } from './cluster-view.ts';
import { ASCII, type Glyphs, UNICODE } from './glyphs.ts';
import { clip, paint, type Span, type Style, span } from './paint.ts';
import { renderProgress, type Screen, titleLine } from './render.ts';

const STYLES = { good: 'good', bad: 'bad', busy: 'draining', plain: 'dim' } as const satisfies Record<string, Style>;

const BAR_WIDTH = 14;

/** Why a group has its outcome, or what it is doing, in a few words. */
function noteOf({ outcome, error, reason, view, predictedSeconds }: GroupCell): string {
  if (outcome === 'failed' || outcome === 'refused') return [error, reason].filter(Boolean).join(': ');
  if (outcome === 'notStarted') return reason ?? '';
  if (outcome === 'queued') return predictedSeconds ? `about ${duration(predictedSeconds)}` : '';
  const blockingPods = view?.blockingPods.length ?? 0;
  const phase = view?.phases.at(-1)?.title.toLowerCase() ?? '';
  return outcome !== 'inProgress'
    ? ''
    : `${phase}${blockingPods > 0 ? `, ${plural(blockingPods, 'blocking pod')}` : ''}`;
}

function rowOf(cell: GroupCell, glyphs: Glyphs, labelWidth: number): Span[] {
  const { name, outcome, upgraded, outdated, seconds } = cell;
  const tone = STYLES[OUTCOME_TONES[outcome]];
  const share = outcome === 'onTarget' ? 1 : outdated === 0 ? 0 : upgraded / outdated;
  const full = Math.round(share * BAR_WIDTH);
  const nodes = outcome === 'onTarget' ? '' : `${upgraded} of ${outdated}`;
  const isBlocked = outcome === 'inProgress' && (cell.view?.blockingPods.length ?? 0) > 0;
  return [
    span(`${sized(name, labelWidth, glyphs.cut)} `, outcome === 'queued' ? 'dim' : 'plain'),
    span(glyphs.full.repeat(full), tone),
    span(glyphs.empty.repeat(BAR_WIDTH - full), 'dim'),
    span(` ${sized(nodes, 10, glyphs.cut)} `),
    span(sized(OUTCOME_WORDS[outcome], 13, glyphs.cut), tone),
    span(` ${sized(seconds === undefined ? '' : clockFace(seconds), 8, glyphs.cut)}`, 'dim'),
    span(noteOf(cell), isBlocked ? 'warn' : 'dim'),
  ];
}

function progressLine({ groups }: ClusterView, glyphs: Glyphs, columns: number): Span[] {
  const sum = (of: (cell: GroupCell) => number): number => groups.reduce((total, cell) => total + of(cell), 0);
  const [upgraded, outdated] = [sum((cell) => cell.upgraded), sum((cell) => cell.outdated)];
  const toUpgrade = groups.filter(({ outcome }) => outcome !== 'onTarget');
  const done = toUpgrade.filter(({ outcome }) => outcome === 'upgraded').length;
  const failed = toUpgrade.filter(({ outcome }) => outcome === 'failed').length;
  const facts = [
    `${upgraded} of ${plural(outdated, 'node')} replaced`,
    `${done} of ${plural(toUpgrade.length, 'group')} upgraded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(` ${glyphs.dot} `);
  const width = Math.max(10, Math.min(40, columns - facts.length - 3));
  const full = Math.round((outdated === 0 ? 0 : upgraded / outdated) * width);
  return [span(glyphs.full.repeat(full), 'good'), span(glyphs.empty.repeat(width - full), 'dim'), span(`  ${facts}`)];
}

/** Groups in work and failed groups come first when there is no room for all. */
function shownRows(groups: readonly GroupCell[], room: number): readonly GroupCell[] {
  if (groups.length <= room) return groups;
  const rank = ({ outcome }: GroupCell): number =>
    outcome === 'inProgress' ? 0 : outcome === 'failed' || outcome === 'refused' ? 1 : outcome === 'queued' ? 2 : 3;
  return [...groups].sort((left, right) => rank(left) - rank(right)).slice(0, Math.max(0, room));
}

/**
 * Draw the run of a cluster as lines for a terminal of a size: a line per group, then the groups in work as their own
 * runs are drawn. Pure; no line is wider than `columns`, and there are at most `rows`.
 */
export function renderCluster(view: ClusterView, screen: Screen): string[] {
  const { columns, rows, colour, unicode = true } = screen;
  const glyphs = unicode ? UNICODE : ASCII;
  const head = [
    titleLine(view, columns),
    ...(view.groups.length === 0 ? [] : [progressLine(view, glyphs, columns), []]),
  ];
  const shown = shownRows(view.groups, rows - head.length);
  const labelWidth = Math.min(24, Math.max(8, ...shown.map(({ name }) => widthOf(name))));
  const lines = [...head, ...shown.map((cell) => rowOf(cell, glyphs, labelWidth))].map((line) =>
    paint(clip(line, columns, glyphs.cut), colour),
  );
  const inWork = view.groups.flatMap((cell) => (cell.outcome === 'inProgress' && cell.view ? [cell.view] : []));
  const room = rows - lines.length;
  // A group needs its title, phases and progress, and a line between it and the one before.
  const fitting = inWork.slice(0, Math.floor(room / 6));
  const each = fitting.length === 0 ? 0 : Math.floor(room / fitting.length) - 1;
  return [...lines, ...fitting.flatMap((group) => ['', ...renderProgress(group, { ...screen, rows: each })])].slice(
    0,
    Math.max(1, rows),
  );
}
