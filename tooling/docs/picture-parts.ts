/** A rectangle, pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Colours for a light and a dark page. */
export const PICTURE_STYLE = `
  .page { fill: #ffffff; stroke: #d5dde5; }
  .card { fill: #f4f7fa; stroke: #d5dde5; }
  .child { fill: #ffffff; stroke: #2f7ed8; }
  .step { fill: #e4effb; stroke: #a9ccf1; }
  .wait { fill: #fff3dc; stroke: #edcb87; }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #16202b; }
  .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 11.5px; }
  .soft { fill: #55616e; font-size: 12.5px; } .waits { fill: #8a6410; } .head { font-size: 16px; font-weight: 650; }
  .line { fill: none; stroke: #55616e; stroke-width: 1.5; } .tip { fill: #55616e; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0f151b; stroke: #2b3743; } .card { fill: #18212a; stroke: #2b3743; }
    .child { fill: #131b23; stroke: #4a97ee; } .step { fill: #16304c; stroke: #2c5685; } .wait { fill: #3a2a0d; stroke: #7a5a1c; }
    text { fill: #e7edf3; } .soft { fill: #9fb0c0; } .waits { fill: #f2c46a; }
    .line { stroke: #9fb0c0; } .tip { fill: #9fb0c0; }
  }
`;

/** Mean width of a character of small text: SVG cannot measure before it is drawn. */
const CHARACTER = 6.5;
const LINE = 16;

const textWidth = (text: string): number => text.length * CHARACTER;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Break a text into lines no wider than `width` pixels. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || textWidth(`${last} ${word}`) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

export const soft = (text: string, x: number, y: number): string =>
  `<text class="soft" x="${Math.round(x)}" y="${y}">${escaped(text)}</text>`;

/** A heading; `text` may contain `code()`. */
export const heading = (text: string, x: number, y: number): string =>
  `<text class="head" x="${x}" y="${y}" xml:space="preserve">${text}</text>`;

/** A name of the code within a heading. */
export const code = (name: string): string => `<tspan class="mono" style="font-size: 15px">${escaped(name)}</tspan>`;

export const arrow = (path: string): string => `<path class="line" marker-end="url(#tip)" d="${path}"/>`;

export const card = (kind: string, { x, y, width, height }: Box): string =>
  `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>`;

/** A box with a name and what it does. @throws when the lines do not fit */
export function box(kind: string, name: string, lines: readonly string[], at: Box): string {
  const { x, y, width, height } = at;
  if (34 + lines.length * LINE > height + 2) throw new Error(`docs/workflow.svg: the text of ${name} does not fit`);
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    `<text class="mono" x="${x + 12}" y="${y + 22}" font-weight="600">${escaped(name)}</text>`,
    ...lines.map((line, index) => soft(line, x + 12, y + 40 + index * LINE)),
  ].join('\n');
}

/** Boxes of equal height in a row, with an arrow from each to the next. */
export function row(
  items: readonly { name: string; says: string; kind: string }[],
  place: Omit<Box, 'height'>,
  lines: number,
) {
  const gap = 28;
  const width = (place.width - gap * (items.length - 1)) / items.length;
  const height = 34 + lines * 16;
  const boxes = items.map((item, index) => ({
    ...item,
    place: { x: place.x + index * (width + gap), y: place.y, width, height },
  }));
  const svg = boxes.flatMap(({ name, says, kind, place: at }, index) => [
    box(kind, name, wrap(says, at.width - 24), at),
    ...(index === 0 ? [] : [arrow(`M${at.x - gap + 3} ${at.y + height / 2} H${at.x - 3}`)]),
  ]);
  return { svg, boxes, bottom: place.y + height };
}

/** A way back below the boxes. */
export function back(from: Box, to: Box, label: string): string[] {
  const bottom = from.y + from.height;
  const end = to.x + to.width / 2;
  const begin = from.x + from.width / 2;
  return [
    arrow(`M${begin} ${bottom} v16 H${end} v-14`),
    soft(label, (begin + end) / 2 - textWidth(label) / 2, bottom + 32),
  ];
}

/** A way from a box to itself. */
export function again({ x, y, width }: Box, label: string): string[] {
  return [arrow(`M${x + width - 20} ${y} v-14 h-50 v12`), soft(label, x + width - 82 - textWidth(label), y - 8)];
}
