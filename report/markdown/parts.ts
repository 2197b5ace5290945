import type { Report } from '../model/model.ts';

/** Text that Markdown and its tables leave as it is. */
export const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/([\\`*_[\]|#~])/g, '\\$1')
    .replace(/\s*\n\s*/g, ' ');

/** Text as code. */
export const code = (text: string): string => `\`${text.replace(/[`\n|]/g, "'")}\``;

/** A text that leads to a page of the console of AWS; only the text where there is no page. */
export const consoleLink = (text: string, url: string | undefined): string =>
  url === undefined ? escaped(text) : `[${escaped(text)}](${url})`;

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

export const ICONS: Readonly<Record<Report['status'], string>> = {
  SUCCEEDED: '✅',
  RUNNING: '⏳',
  FAILED: '❌',
  ABORTED: '❌',
  TIMED_OUT: '❌',
};

/** A section with its title; nothing when it has no body. */
export const section = (title: string, body: string): string => (body === '' ? '' : `## ${title}\n\n${body}`);

/** Parts with an empty line between them; empty ones are left out. */
export const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');
