import { cut, tidy, widthOf } from './cells.ts';

/** Terminal styles by meaning. @see https://en.wikipedia.org/wiki/ANSI_escape_code#SGR */
const CODES = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  bad: '1;31',
  warn: '33',
  draining: '94',
  cordonWait: '36',
  terminating: '35',
} as const;

export type Style = keyof typeof CODES;

/** A piece of a line. A line is a list of them, so that it can be cut to the terminal's width before it is coloured. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const span = (text: string, style: Style = 'plain'): Span => ({ text: tidy(text), style });

/** How many cells of the terminal a line takes. */
export const lineWidth = (line: readonly Span[]): number => line.reduce((sum, { text }) => sum + widthOf(text), 0);

/** Cut a line to a width; what is cut off is marked. */
export function clip(line: readonly Span[], width: number, mark = '…'): Span[] {
  if (lineWidth(line) <= width) return [...line];
  const kept: Span[] = [];
  let left = width - 1;
  for (const piece of line) {
    const pieceWidth = widthOf(piece.text);
    if (pieceWidth > left) {
      kept.push({ ...piece, text: cut(piece.text, left) + mark });
      break;
    }
    kept.push(piece);
    left -= pieceWidth;
  }
  return kept;
}

/** The line as text, with colour codes when wanted. */
export const paint = (line: readonly Span[], colour: boolean): string =>
  line
    .map(({ text, style }) => {
      const code = CODES[style];
      return colour && code !== '' && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
    })
    .join('')
    .trimEnd();
