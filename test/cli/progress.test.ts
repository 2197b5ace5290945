import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { columns, cut, sized, wrapped } from '../../cli/display/cells.ts';
import { renderCluster } from '../../cli/display/cluster-render.ts';
import { clusterView } from '../../cli/display/cluster-view.ts';
import { wantsColour } from '../../cli/display/display.ts';
import { speaksUtf8 } from '../../cli/display/glyphs.ts';
import { renderProgress } from '../../cli/display/render.ts';
import { createCanvas } from '../../cli/display/terminal.ts';
import { progressView } from '../../cli/display/view.ts';
import { buildClusterReport } from '../../report/cluster/cluster.ts';
import { buildReport } from '../../report/read/read.ts';
import { syntheticCluster } from '../report/synthetic-cluster.ts';
import { type SyntheticOptions, syntheticRun } from '../report/synthetic-run.ts';
import { syntheticUpdate } from '../report/synthetic-update.ts';

const view = (options: SyntheticOptions) => progressView(buildReport(syntheticRun(options)));
const running = { nodes: 30, parallelism: 3, slowNodes: [8, 12], observedAfterSeconds: 760 };
const many = { nodes: 300, parallelism: 10, slowNodes: [40], observedAfterSeconds: 760 };

describe('progress display', () => {
  const sizes: [number, number][] = [
    [200, 60],
    [110, 49],
    [80, 24],
    [60, 20],
    [40, 12],
    [20, 5],
    [5, 2],
  ];
  for (const options of [
    running,
    many,
    { ...running, observedAfterSeconds: 2 },
    { nodes: 30, parallelism: 3, blockedNodes: [4] },
  ]) {
    for (const [columns, rows] of sizes) {
      it(`stays within ${columns} × ${rows} for ${options.nodes} nodes after ${'observedAfterSeconds' in options ? options.observedAfterSeconds : 'all'} s`, () => {
        const lines = renderProgress(view(options), { columns, rows, colour: false });
        assert.ok(lines.length <= rows, `${lines.length} lines`);
        for (const line of lines) assert.ok(stringWidth(line) <= columns, `${stringWidth(line)}: ${line}`);
      });
    }
  }

  const cluster = (observedAfterSeconds: number, hostileName?: string) =>
    clusterView(
      buildClusterReport(
        syntheticCluster({ observedAfterSeconds, ...(hostileName === undefined ? {} : { hostileName }) }),
      ),
    );
  for (const [columns, rows] of sizes) {
    for (const seconds of [0, 5, 200, 5000]) {
      it(`stays within ${columns} × ${rows} for a cluster after ${seconds} s`, () => {
        const lines = renderCluster(cluster(seconds), { columns, rows, colour: false });
        assert.ok(lines.length <= rows, `${lines.length} lines`);
        for (const line of lines) assert.ok(stringWidth(line) <= columns, `${stringWidth(line)}: ${line}`);
      });
    }
  }

  it('shows every group of a cluster on a line, and below the groups that are running in detail', () => {
    const text = renderCluster(cluster(200), { columns: 110, rows: 40, colour: false }).join('\n');
    for (const name of ['shop-workers', 'workers', 'ingress', 'gpu']) assert.match(text, new RegExp(`^${name} `, 'm'));
    assert.match(text, /0 of 8 nodes replaced · 0 of 2 groups upgraded/);
    assert.equal(text.match(/ at a time/g)?.length, 2);
  });

  /** The cell at which each line that has the text goes on with it. */
  const cellsOf = (lines: readonly string[], pattern: RegExp): number[] =>
    lines.flatMap((line) => {
      const at = line.search(pattern);
      return at < 0 ? [] : [stringWidth(line.slice(0, at))];
    });

  it('keeps the columns of a cluster in line when a group has a Japanese name', () => {
    const lines = renderCluster(cluster(200, 'ダッシュボード'), { columns: 110, rows: 40, colour: false });
    const bars = cellsOf(lines.slice(3, 7), /[█░]/);
    assert.equal(bars.length, 4, lines.join('\n'));
    assert.equal(new Set(bars).size, 1, lines.join('\n'));
  });

  for (const [width, height] of sizes) {
    it(`stays within ${width} × ${height} with Japanese names of groups and pods`, () => {
      for (const lines of [
        renderCluster(cluster(200, 'ダッシュボード'.repeat(5)), { columns: width, rows: height, colour: false }),
        renderProgress(view({ ...running, hostileName: '会計台帳'.repeat(9) }), {
          columns: width,
          rows: height,
          colour: false,
        }),
      ]) {
        for (const line of lines) assert.ok(stringWidth(line) <= width, `${stringWidth(line)}: ${line}`);
      }
    });
  }

  it('writes no escape sequence without colour, whatever a group is called', () => {
    const text = renderCluster(cluster(200, '\u001b[2Jowned'), { columns: 110, rows: 40, colour: false }).join('');
    assert.doesNotMatch(text, /\p{Cc}/u);
  });

  it('shows a run that EKS carries out like any other, and says that EKS does it', () => {
    const update = progressView(
      buildReport(syntheticUpdate({ nodes: 6, parallelism: 2, slowNodes: [2], observedAfterSeconds: 420 })),
    );
    const text = renderProgress(update, { columns: 110, rows: 40, colour: false }).join('\n');
    assert.match(text, /^shop-production \/ workers → 1\.33\.5-20260114 by EKS/);
    assert.equal(text.match(/^ip-10-/gm)?.length, 6);
    assert.match(text, /draining, \d+ pods? left +blocked by shop\/ledger-0, budget shop\/ledger/);
  });

  it('gives every node a line of its own when there is room', () => {
    const lines = renderProgress(view(running), { columns: 110, rows: 49, colour: false });
    assert.equal(lines.filter((line) => /^ip-10-/.test(line)).length, 30);
    assert.ok(lines.some((line) => /draining, 1 pod left +blocked by shop\/ledger-0, budget shop\/ledger/.test(line)));
  });

  it('shows every node in a grid on 24 lines of 80', () => {
    const text = renderProgress(view(running), { columns: 80, rows: 24, colour: false }).join('\n');
    assert.equal(text.match(/ip-10-/g)?.length, 30);
  });

  it('shows each of 300 nodes as a glyph, and the nodes in hand by name', () => {
    const text = renderProgress(view(many), { columns: 100, rows: 24, colour: false }).join('\n');
    assert.equal(text.match(/[●◔◑◕○·]/g)?.length, 300 + 5 + 4 + 2, 'nodes, legend, separators and phases');
    assert.match(text, /blocked 1/);
  });

  it('shows what was before the run, what is Ready now, and the time left', () => {
    const text = renderProgress(view(running), { columns: 110, rows: 49, colour: false }).join('\n');
    assert.match(text, /12 of 30 replaced · 3 at a time · about \d+ min left/);
    assert.match(text, /nodes ready · 30 before · lowest 3\d/);
  });

  it('leaves out the capacity before the run where it is unknown', () => {
    const { originalNodes: _, ...adopted } = view(running);
    const text = renderProgress(adopted, { columns: 110, rows: 49, colour: false }).join('\n');
    assert.match(text, /nodes ready · lowest 3\d/);
    assert.doesNotMatch(text, / before/);
  });

  it('uses no character beyond ASCII on a terminal without UTF-8', () => {
    const text = renderProgress(view(running), { columns: 110, rows: 49, colour: false, unicode: false }).join('');
    assert.match(text, /^[\x20-\x7e]*$/);
  });

  it('writes no escape sequence without colour, whatever a pod is called', () => {
    const hostile = view({ ...running, hostileName: '\u001b[2Jowned\u0007' });
    const plain = renderProgress(hostile, { columns: 110, rows: 49, colour: false }).join('');
    const coloured = renderProgress(hostile, { columns: 110, rows: 49, colour: true }).join('');
    assert.doesNotMatch(plain, /\p{Cc}/u);
    const codes = coloured.split('\u001b').slice(1);
    assert.ok(codes.length > 0);
    for (const code of codes) assert.match(code, /^\[[\d;]*m\P{Cc}*$/u);
  });

  it('stays within the height of the terminal, so that it does not scroll', () => {
    let written = '';
    const canvas = createCanvas({ isTTY: true, columns: 80, rows: 10, write: (text) => (written += text) });
    canvas.draw(Array.from({ length: 50 }, (_, line) => `line ${line}`));
    assert.equal(written.match(/line/g)?.length, 9);
  });

  it('draws the next picture over the last one', () => {
    let written = '';
    const canvas = createCanvas({ isTTY: true, columns: 80, rows: 10, write: (text) => (written += text) });
    canvas.draw(['one', 'two']);
    written = '';
    canvas.draw(['one', 'three']);
    assert.ok(written.includes('three') && !written.includes('one'), JSON.stringify(written));
    canvas.close();
    assert.ok(written.endsWith('\u001b[?25h'), 'shows the cursor');
  });

  const colours: [string, boolean, Record<string, string>, boolean][] = [
    ['colours a terminal', true, { TERM: 'xterm' }, true],
    ['does not colour a pipe', false, { TERM: 'xterm' }, false],
    ['respects NO_COLOR', true, { TERM: 'xterm', NO_COLOR: '1' }, false],
    ['ignores an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['does not colour a dumb terminal', true, { TERM: 'dumb' }, false],
    ['colours a pipe when asked to', false, { FORCE_COLOR: '1' }, true],
  ];
  for (const [title, isTTY, env, expected] of colours) {
    it(title, () => assert.equal(wantsColour({ isTTY, write: () => undefined }, env), expected));
  }

  const locales: [string, Record<string, string>, boolean][] = [
    ['a UTF-8 locale', { LANG: 'vi_VN.UTF-8' }, true],
    ['the C locale', { LANG: 'C' }, false],
    ['LC_ALL over LANG', { LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, false],
    ['the Linux console', { TERM: 'linux', LANG: 'en_GB.UTF-8' }, false],
    ['no locale at all', {}, false],
  ];
  for (const [title, env, expected] of locales) {
    it(`takes ${title} for ${expected ? '' : 'not '}UTF-8`, () => assert.equal(speaksUtf8(env), expected));
  }
});

describe('text in cells of a terminal', () => {
  const NAME = 'ダッシュボード';

  it('lines columns up whatever script a cell is written in', () => {
    const lines = columns([
      ['NAME', 'STATUS'],
      ['shop', 'ok'],
      [NAME, 'ok'],
    ]);
    assert.deepEqual(lines, ['NAME            STATUS', 'shop            ok', `${NAME}  ok`]);
  });

  const cuts: [string, number, string][] = [
    ['shop', 3, 'sho'],
    [NAME, 4, 'ダッ'],
    [NAME, 5, 'ダッ'],
    [NAME, 1, ''],
    [NAME, 0, ''],
    ['e\u0301t\u00e9', 2, '\u00e9t'],
  ];
  for (const [text, width, expected] of cuts) {
    it(`cuts "${text}" to ${width} cells`, () => assert.equal(cut(text, width), expected));
  }

  it('fills what it cuts, so that the next column begins at its place', () => {
    for (const width of [1, 2, 5, 6, 20]) assert.equal(stringWidth(sized(NAME, width)), width);
  });

  it('breaks lines between words, and a word only where it has no room', () => {
    assert.deepEqual(wrapped('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrapped(NAME, 6), ['ダッシ', 'ュボー', 'ド']);
  });
});
