import { html, type Markup } from './markup.ts';

/** A text that leads to a page of the console of AWS; only the text where there is no page. The page asks for nothing until it is followed. */
export const consoleLink = (text: string, url: string | undefined): Markup =>
  url === undefined
    ? html`${text}`
    : html`<a href="${url}" rel="noreferrer" title="Open the execution in the console">${text}</a>`;
