import { describeChanges } from './change-text.ts';
import { speaksUtf8 } from './glyphs.ts';
import { createRunFeed, type RunView, renderRun } from './run-view.ts';
import { createCanvas, type OutputStream } from './terminal.ts';

/** Shows a run as it goes: in place on a terminal, a line per event otherwise. */
export interface Display {
  show(view: RunView): void;
  /** Release the terminal. Safe to call twice. */
  close(): void;
}

export interface DisplayOptions {
  readonly stream: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `auto`: by the stream; `lines` and `json`: a line, or a JSON object, per event. */
  readonly form?: 'auto' | 'lines' | 'json';
}

/** May this output be coloured? @see https://no-color.org and https://force-color.org */
export function wantsColour(stream: OutputStream, env: DisplayOptions['env']): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Choose how to show a run on a stream, and show it. */
export function createDisplay({ stream, env, form = 'auto' }: DisplayOptions): Display {
  if (form === 'auto' && stream.isTTY === true && env.TERM !== 'dumb') {
    const canvas = createCanvas(stream);
    const colour = wantsColour(stream, env);
    const unicode = speaksUtf8(env);
    return {
      show: (view) => canvas.draw(renderRun(view, { columns: canvas.columns, rows: canvas.rows, colour, unicode })),
      close: () => canvas.close(),
    };
  }
  const changesOf = createRunFeed();
  return {
    show(view) {
      const changes = changesOf(view);
      const lines = form === 'json' ? changes.map((change) => JSON.stringify(change)) : describeChanges(changes);
      for (const line of lines) stream.write(`${line}\n`);
    },
    close: () => undefined,
  };
}
