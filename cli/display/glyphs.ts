import type { CellState } from './view.ts';

/** The characters of the display; the second set is for terminals without UTF-8. */
export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  readonly mark: string;
  readonly cut: string;
  readonly dot: string;
  readonly arrow: string;
  readonly phase: Readonly<Record<'done' | 'current' | 'failed' | 'coming', string>>;
  readonly states: Readonly<Record<CellState, string>>;
}

export const UNICODE: Glyphs = {
  full: '█',
  empty: '░',
  mark: '│',
  cut: '…',
  dot: '·',
  arrow: '→',
  phase: { done: '✔', current: '●', failed: '✖', coming: '○' },
  states: {
    queued: '·',
    draining: '◔',
    cordonWait: '◑',
    terminating: '◕',
    replaced: '●',
    removed: '●',
    blocked: '✖',
    gone: '–',
    skipped: '–',
    interrupted: '✖',
  },
};

export const ASCII: Glyphs = {
  full: '#',
  empty: '.',
  mark: '|',
  cut: '~',
  dot: '-',
  arrow: '->',
  phase: { done: '+', current: '*', failed: 'x', coming: 'o' },
  states: {
    queued: '.',
    draining: 'd',
    cordonWait: 'c',
    terminating: 't',
    replaced: '#',
    removed: '#',
    blocked: 'X',
    gone: '-',
    skipped: '-',
    interrupted: 'X',
  },
};

/** Does the terminal take UTF-8? The first locale variable that is set decides, as in the C library. */
export function speaksUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  if (env.TERM === 'linux' || env.TERM === 'dumb') return false;
  return locale === undefined ? env.TERM_PROGRAM !== undefined || env.WT_SESSION !== undefined : /utf-?8/i.test(locale);
}
