import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/*
 * Text in cells of a terminal. A cell is what one Latin letter takes; a letter of Chinese or Japanese and most emoji take
 * two, an accent that is a character of its own takes none.
 */

/** A text without what could move the cursor or recolour the terminal: names come from anywhere. */
export const tidy = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');

/** How many cells a text takes. */
export const widthOf = (text: string): number => stringWidth(text);

/** The longest beginning of a text that fits into so many cells. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  const [first = ''] = wrapAnsi(text, width, { hard: true, trim: false, wordWrap: false }).split('\n');
  // A letter of two cells has no place in one.
  return widthOf(first) <= width ? first : '';
}

/** Fill a text with spaces up to a width. */
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Cut or fill a text to exactly so many cells; what is cut off is marked. */
export const sized = (text: string, width: number, mark = '…'): string =>
  widthOf(text) <= width ? padded(text, width) : padded(width <= 0 ? '' : cut(text, width - 1) + mark, width);

/** Break a text into lines of at most so many cells, between words where possible. */
export const wrapped = (text: string, width: number): string[] =>
  wrapAnsi(text, Math.max(1, width), { hard: true }).split('\n');

/** Lay rows out in columns, as wide as their widest cell and two spaces apart. The first row is the heading. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const tidied = rows.map((row) => row.map(tidy));
  const widths = (tidied[0] ?? []).map((_, column) => Math.max(...tidied.map((row) => widthOf(row[column] ?? ''))));
  return tidied.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
