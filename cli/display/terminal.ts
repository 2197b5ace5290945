import { createLogUpdate } from 'log-update';

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
  /** Leave the last picture on the screen and show the cursor again. Safe to call twice. */
  close(): void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/** Draw on a terminal in place. Nothing is written before the first picture. Only for a stream with `isTTY`. */
export function createCanvas(stream: OutputStream): Canvas {
  // log-update hides the cursor on standard error, wherever it draws: the cursor of this stream is hidden here.
  const redraw = createLogUpdate(stream as NodeJS.WritableStream, { showCursor: true });
  let drawnColumns: number | undefined;
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
      if (drawnColumns === undefined) stream.write(HIDE_CURSOR);
      if (drawnColumns !== undefined && drawnColumns !== columns) {
        // After a resize the old lines may have wrapped: start again on a clean screen.
        redraw.done();
        stream.write(CLEAR_SCREEN);
      }
      redraw(lines.slice(0, rows).join('\n'));
      drawnColumns = columns;
    },
    close() {
      if (drawnColumns === undefined) return;
      redraw.done();
      stream.write(SHOW_CURSOR);
      drawnColumns = undefined;
    },
  };
}
