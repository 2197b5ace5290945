import assert from 'node:assert/strict';
import { renderHtml } from '../../report/html/html.ts';
import { renderMarkdown } from '../../report/markdown/markdown.ts';
import { buildReport } from '../../report/read/read.ts';
import { withoutConsole } from './console-links.ts';
import { type SyntheticOptions, syntheticRun } from './synthetic-run.ts';
import { type SyntheticUpdate, syntheticUpdate } from './synthetic-update.ts';

const html = (options: SyntheticOptions): string => renderHtml(buildReport(syntheticRun(options)));

const VOID = new Set(['meta', 'path', 'line', 'circle', 'rect']);

/** Tags that are opened and closed out of order, or that are not known to be void and never closed. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [, closing, name = '', selfClosing] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (closing === '/') {
      const last = open.pop();
      if (last !== name) faults.push(`</${name}> closes <${last}>`);
    } else if (selfClosing !== '/' && !(VOID.has(name) && name === 'meta')) {
      open.push(name);
    }
  }
  return [...faults, ...open.map((name) => `<${name}> is never closed`)];
}

const tagNames = (page: string): string[] => page.match(/<\/?[a-z][a-z0-9]*/g) ?? [];

const RUNS: [string, SyntheticOptions][] = [
  ['30 nodes', { nodes: 30, parallelism: 3, slowNodes: [4] }],
  ['300 nodes', { nodes: 300, parallelism: 10 }],
  ['a failed run', { nodes: 12, parallelism: 3, blockedNodes: [4, 9] }],
  ['a running run', { nodes: 12, parallelism: 3, slowNodes: [2], observedAfterSeconds: 260 }],
  ['a run that has only begun', { nodes: 12, parallelism: 3, observedAfterSeconds: 0 }],
  ['a dry run', { nodes: 12, parallelism: 3, blockedNodes: [1], isDryRun: true }],
];

const UPDATES: [string, SyntheticUpdate][] = [
  ['an update by EKS', { nodes: 30, parallelism: 3, slowNodes: [4] }],
  ['an update by EKS of 100 nodes', { nodes: 100, parallelism: 10 }],
  ['an update that EKS gave up', { nodes: 12, parallelism: 3, blockedNode: 4 }],
  ['an update with unseen nodes', { nodes: 12, parallelism: 3, observationSeconds: 150 }],
  ['an update that EKS continues', { nodes: 12, parallelism: 3, cancelledAfterSeconds: 400, isAdopted: true }],
];

const PAGES: [string, string][] = [
  ...RUNS.map(([title, options]): [string, string] => [title, html(options)]),
  ...UPDATES.map(([title, options]): [string, string] => [title, renderHtml(buildReport(syntheticUpdate(options)))]),
];

describe('HTML report', () => {
  for (const [title, page] of PAGES) {
    it(`is well-formed for ${title}`, () => assert.deepEqual(unbalanced(page), []));

    it(`asks nobody for anything for ${title}`, () => {
      assert.doesNotMatch(withoutConsole(page), /https?:|\bsrc=|\bhref=|url\(|@import|<script|<link/i);
      assert.match(page, /default-src 'none'/);
    });

    it(`has no undefined, NaN or object in it for ${title}`, () => {
      assert.doesNotMatch(page, /undefined|NaN|\[object/);
    });
  }

  const hostile: [string, string][] = [
    ['a script', '<script>alert(1)</script>'],
    ['an attribute', '"><img onerror=alert(1)>'],
    ['a quoted attribute', "' onmouseover='alert(1)"],
    ['the end of the style sheet', '</style></title><b>'],
    ['text that runs backwards', '\u202egnp.exe'],
  ];
  for (const [title, hostileName] of hostile) {
    it(`shows a pod named like ${title} as text`, () => {
      const page = html({ nodes: 6, parallelism: 2, blockedNodes: [2], hostileName });
      const harmless = html({ nodes: 6, parallelism: 2, blockedNodes: [2], hostileName: 'ledger-0' });
      assert.deepEqual(tagNames(page), tagNames(harmless));
      assert.ok(!page.includes('\u202e') && !page.includes(" onmouseover='"));
    });
  }

  it('keeps a hostile name from breaking a Markdown table', () => {
    const report = buildReport(
      syntheticRun({ nodes: 6, parallelism: 2, blockedNodes: [2], hostileName: 'a|b\n# <b>[x](y)' }),
    );
    const rows = renderMarkdown(report)
      .split('\n')
      .filter((line) => line.includes('ledger') && line.startsWith('|'));
    for (const row of rows) assert.equal(row.replace(/\\\|/g, '').split('|').length, 8, row);
    assert.doesNotMatch(renderMarkdown(report), /<b>|^# <|\[x\]\(y\)/m);
  });

  it('draws a bar for every state of every node, on one row a node', () => {
    const page = html({ nodes: 30, parallelism: 3 });
    assert.equal(page.match(/class="cordonWait" x=/g)?.length, 30);
    assert.equal(page.match(/class="terminating" x=/g)?.length, 30);
  });

  it('thins the names out when there are hundreds of nodes, never the names of blocked ones', () => {
    const page = html({ nodes: 300, parallelism: 10, blockedNodes: [101] });
    const labels = page.match(/<text class="node[^"]*" x="100%" y="\d+(\.\d+)?">ip-/g) ?? [];
    assert.ok(labels.length < 160, `${labels.length} labels`);
    assert.equal(page.match(/class="node bad"/g)?.length, 1);
  });
});
