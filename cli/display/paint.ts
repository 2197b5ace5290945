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

/** A text without what could move the cursor or recolour the terminal: names come from anywhere. */
export const tidy = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');

export const span = (text: string, style: Style = 'plain'): Span => ({ text: tidy(text), style });

const lengthOf = (text: string): number => [...text].length;

export const widthOf = (line: readonly Span[]): number => line.reduce((sum, { text }) => sum + lengthOf(text), 0);

/** Cut or fill a text to a width; what is cut off is marked. */
export function sized(text: string, width: number, mark = '…'): string {
  const characters = [...text];
  if (characters.length <= width) return text + ' '.repeat(width - characters.length);
  return width <= 0 ? '' : characters.slice(0, width - 1).join('') + mark;
}

/** Cut a line to a width. */
export function clip(line: readonly Span[], width: number, mark = '…'): Span[] {
  if (widthOf(line) <= width) return [...line];
  const kept: Span[] = [];
  let left = width - 1;
  for (const piece of line) {
    const characters = [...piece.text];
    if (characters.length > left) {
      kept.push({ ...piece, text: characters.slice(0, Math.max(0, left)).join('') + mark });
      break;
    }
    kept.push(piece);
    left -= characters.length;
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

/** Break a text into lines of at most a width, between words where it can. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lengthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
