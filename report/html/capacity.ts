import type { Capacity } from '../model/model.ts';
import { type Axis, gridLines } from './axis.ts';
import { html, type Markup, NOTHING, percent } from './markup.ts';

const HEIGHT = 96;

/** Round figures for the vertical axis: at most four, enclosing the data. */
function levels(low: number, high: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => (high - low) / size <= 3) ?? 2000;
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step) + 1;
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Draw Ready nodes over time as a step line, against the capacity before the run. */
export function renderCapacity({ points, originalDesired }: Capacity, axis: Axis): Markup {
  if (points.length === 0) return NOTHING;
  const figures = [
    ...points.map(({ readyNodes }) => readyNodes),
    ...(originalDesired === undefined ? [] : [originalDesired]),
  ];
  const scale = levels(Math.max(0, Math.min(...figures) - 1), Math.max(...figures) + 1);
  const [bottom, top] = [scale[0] ?? 0, scale.at(-1) ?? 1];
  const height = (figure: number): number => 1 - (figure - bottom) / (top - bottom);
  const path = points
    .map(({ at, readyNodes }, index) => {
      const x = (axis.position(at) * 1000).toFixed(1);
      const y = (height(readyNodes) * 100).toFixed(1);
      return index === 0 ? `M${x} ${y}` : `H${x}V${y}`;
    })
    .join('');
  const y = (figure: number): string => percent(height(figure));
  const lowest = Math.min(...points.map(({ readyNodes }) => readyNodes));
  const description = `Ready nodes over time, between ${lowest} and ${Math.max(...points.map(({ readyNodes }) => readyNodes))}${originalDesired === undefined ? '' : `; ${originalDesired} before the run`}`;
  return html`<div class="row capacity">
<div class="label"><svg height="${HEIGHT}" aria-hidden="true">${scale.map(
    (level) => html`<text class="node" x="100%" y="${y(level)}" dy="4">${level}${level === top ? ' ready' : ''}</text>`,
  )}</svg></div>
<div class="plot"><svg height="${HEIGHT}" role="img"><title>${description}</title>${gridLines(axis)}${scale.map(
    (level) => html`<line class="grid" x1="0" x2="100%" y1="${y(level)}" y2="${y(level)}"/>`,
  )}${
    originalDesired === undefined
      ? NOTHING
      : html`<line class="reference" x1="0" x2="100%" y1="${y(originalDesired)}" y2="${y(originalDesired)}"><title>${originalDesired} before the run</title></line>`
  }<svg viewBox="0 0 1000 100" width="100%" height="${HEIGHT}" preserveAspectRatio="none"><path class="line" d="${path}"/></svg>
</svg></div>
</div>`;
}
