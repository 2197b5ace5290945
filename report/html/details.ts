import { html, type Markup, NOTHING } from './markup.ts';

/** A section that is closed at first: its title, a note beside it, and its body. */
export const details = (title: string, note: string, body: Markup): Markup =>
  html`<details class="card"><summary>${title}<span>${note}</span></summary><div class="body">${body}</div></details>`;

/** A name with its value; without a value it is left out. */
export type Pair = readonly [string, string | Markup | undefined];

/** Names and values, one a line. */
export const pairs = (entries: readonly Pair[]): Markup =>
  html`<dl class="pairs">${entries.map(([name, value]) => (value === undefined || value === '' ? NOTHING : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>`;
