import type { Report } from '../model/model.ts';
import { duration } from '../model/text.ts';
import { html, type Markup, percent } from './markup.ts';

/** Places instants on the run's time axis. */
export interface Axis {
  /** 0 at the start of the run, 1 at its end. */
  position(at: string): number;
  /** Seconds since the start at which a grid line is drawn. */
  readonly ticks: readonly { readonly seconds: number; readonly at: number }[];
}

const STEPS_SECONDS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800];

export function axisOf({ execution, observedAt }: Pick<Report, 'execution' | 'observedAt'>): Axis {
  const start = Date.parse(execution.startedAt);
  const length = Math.max(1000, Date.parse(observedAt) - start);
  const step = STEPS_SECONDS.find((seconds) => length / 1000 / seconds <= 8) ?? 604_800;
  const ticks = Array.from({ length: Math.floor(length / 1000 / step) + 1 }, (_, index) => ({
    seconds: index * step,
    at: (index * step * 1000) / length,
  }));
  return { position: (at) => (Date.parse(at) - start) / length, ticks };
}

/** Vertical lines of the grid over the whole height of a plot. */
export const gridLines = ({ ticks }: Axis): Markup =>
  html`${ticks.map(({ at }) => html`<line class="grid" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="100%"/>`)}`;

/** The time since the start, written over the grid lines. */
export const axisLabels = ({ ticks }: Axis): Markup =>
  html`<svg height="18" aria-hidden="true">${ticks.map(
    ({ seconds, at }) =>
      html`<text x="${percent(at)}" y="12" text-anchor="${seconds === 0 ? 'start' : at > 0.96 ? 'end' : 'middle'}">${seconds === 0 ? 'start' : `+${duration(seconds)}`}</text>`,
  )}</svg>`;
