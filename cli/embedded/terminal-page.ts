/** Colours of a dark terminal by SGR code. @see https://en.wikipedia.org/wiki/ANSI_escape_code#SGR */
const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight: bold',
  '2': 'color: #8b949e',
  '31': 'color: #ff7b72',
  '32': 'color: #56d364',
  '33': 'color: #e3b341',
  '35': 'color: #bc8cff',
  '36': 'color: #39c5cf',
  '94': 'color: #79c0ff',
};

const SGR_CODE = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string) => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);

/** A line of the display as HTML: each piece between two codes in the style of the first. */
const lineOf = (line: string): string =>
  line
    .split(SGR_CODE)
    .map((piece, index, pieces) => {
      if (index % 2 === 1 || piece === '') return '';
      const codes = (pieces[index - 1] ?? '').split(';');
      return `<span style="${codes.flatMap((code) => STYLES[code] ?? []).join('; ')}">${escaped(piece)}</span>`;
    })
    .join('');

/** A page that looks like a terminal with these lines, colour codes included. */
export const terminalPage = (lines: readonly string[]): string => `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; background: #0d1117; color: #e6edf3; }
  pre { margin: 0; padding: 12px 16px; font: 14px/20px "DejaVu Sans Mono", monospace; }
</style>
<pre>${lines.map(lineOf).join('\n')}</pre>
`;
