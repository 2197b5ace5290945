/** What the display needs of a stream; `process.stdout` is one. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A region at the end of a terminal that is drawn over and over. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  draw(lines: readonly string[]): void;
  /** Leave the last picture standing and give the cursor back. Safe to call twice. */
  close(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** Draw on a terminal in place. Nothing is written before the first picture. Only for a stream with `isTTY`. */
export function createCanvas(stream: OutputStream): Canvas {
  let drawn = 0;
  let drawnColumns = 0;
  let isOpen = false;
  const size = () => ({ columns: stream.columns ?? 80, rows: Math.max(2, (stream.rows ?? 24) - 1) });
  return {
    get columns() {
      return size().columns;
    },
    get rows() {
      return size().rows;
    },
    draw(lines) {
      const { columns, rows } = size();
      const shown = lines.slice(0, rows);
      // After a resize the old lines may have wrapped: start over on a clean screen.
      const isResized = drawn > 0 && drawnColumns !== columns;
      const back = drawn === 0 ? '' : isResized ? '\u001b[2J\u001b[H' : `\u001b[${drawn}A\r`;
      stream.write(
        `${isOpen ? '' : HIDE_CURSOR}${back}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`,
      );
      isOpen = true;
      drawn = shown.length;
      drawnColumns = columns;
    },
    close() {
      if (isOpen) stream.write(SHOW_CURSOR);
      isOpen = false;
      drawn = 0;
    },
  };
}
