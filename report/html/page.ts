import { grouped, plural } from '../../domain/text.ts';
import type { ExecutionStatus, Failure } from '../model/model.ts';
import { instantText } from '../model/text.ts';
import { html, type Markup, NOTHING, raw } from './markup.ts';
import { STYLE } from './style.ts';

const STATUSES: Readonly<Record<ExecutionStatus, { tone: string; text: string; path: string }>> = {
  SUCCEEDED: { tone: 'good', text: 'Succeeded', path: 'M3 8.5 6.5 12 13 4.5' },
  RUNNING: { tone: 'busy', text: 'Running', path: 'M8 4.5V8l2.5 1.5M14.5 8a6.5 6.5 0 1 1-13 0a6.5 6.5 0 0 1 13 0' },
  FAILED: { tone: 'bad', text: 'Failed', path: 'M4 4 12 12M12 4 4 12' },
  ABORTED: { tone: 'bad', text: 'Aborted', path: 'M4 4 12 12M12 4 4 12' },
  TIMED_OUT: { tone: 'bad', text: 'Timed out', path: 'M4 4 12 12M12 4 4 12' },
};

/** The status as a coloured word with a sign. @param words instead of the status's own */
export function statusPill(status: ExecutionStatus, words?: string): Markup {
  const { tone, text, path } = STATUSES[status];
  return html`<span class="status ${tone}"><svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>${words ?? text}</span>`;
}

/** Names and values in one line; those without a value are left out. */
export const factLine = (facts: readonly (readonly [name: string, value: string | undefined])[]): Markup =>
  html`<p class="facts">${facts.map(([name, value]) => (value === undefined || value === '' ? NOTHING : html`<span>${name} <b>${value}</b></span>`))}</p>`;

/** Why a run failed, and what to do. */
export function failureNotice(failed: Failure | undefined, advice: readonly string[]): Markup {
  if (failed === undefined) return NOTHING;
  const where = failed.state === undefined ? '' : ` in ${failed.state}`;
  const next = [...failed.recovery, ...advice];
  return html`<section class="card notice"><h2>${failed.error}${where}</h2><p>${failed.cause}</p>${
    next.length === 0 ? NOTHING : html`<ul>${next.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
  }</section>`;
}

export const warningNotice = (sentences: readonly string[]): Markup =>
  sentences.length === 0
    ? NOTHING
    : html`<section class="card notice warn"><h2>${plural(sentences.length, 'warning')}</h2><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;

interface PageFacts {
  readonly headline: string;
  readonly status: ExecutionStatus;
  readonly observedAt: string;
  readonly cost: { readonly historyEvents: number; readonly executions: number };
}

/**
 * A page that needs nothing else: no script, and no request until a link is followed; light and dark, and printable.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/CSP: the page forbids itself everything but its own style
 */
export const htmlPage = ({ headline, status, observedAt, cost }: PageFacts, header: Markup, body: Markup): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${headline}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<header>${header}</header>
${body}
<footer>Made from the execution history alone: ${grouped(cost.historyEvents)} events of ${plural(cost.executions, 'execution')}${
    status === 'RUNNING' ? `, as of ${instantText(observedAt)}` : ''
  }. All times are UTC.</footer>
</main>
</body>
</html>
`.markup;
