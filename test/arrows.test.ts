import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Arrows, readArrows } from '../tooling/arrows.ts';
import { sourceFiles } from './support/source-files.ts';

/** One forbidden import for each rule of `.dependency-cruiser.cjs` and each way to write it. */
const PLANTED: readonly [file: string, code: string, rule: string, to: string][] = [
  ['domain/planted-a.ts', "import '../clients/ports.ts';", 'domain-imports-only-zod', 'clients/ports.ts'],
  ['domain/drain/planted-b.ts', "import 'node:fs';", 'domain-imports-only-zod', 'fs'],
  ['domain/planted-c.ts', "import { parse } from 'yaml'; parse('');", 'domain-imports-only-zod', 'yaml'],
  ['domain/planted-d.ts', "await import('../report/report.ts');", 'domain-imports-only-zod', 'report/report.ts'],
  [
    'report/read/planted.ts',
    "export type { Deps } from '../../clients/ports.ts';",
    'report-imports-only-domain',
    'clients/ports.ts',
  ],
  [
    'operations/drain/planted-a.ts',
    "import { connectEc2 } from '../../clients/aws/ec2.ts'; connectEc2({});",
    'operations-import-only-domain-and-ports',
    'clients/aws/ec2.ts',
  ],
  [
    'operations/planted-b.ts',
    "import type { EC2Client } from '@aws-sdk/client-ec2'; export type Planted = EC2Client;",
    'operations-import-only-domain-and-ports',
    '@aws-sdk/client-ec2',
  ],
  [
    'functions/planted-a.ts',
    "import { EKSClient } from '@aws-sdk/client-eks'; new EKSClient();",
    'functions-import-only-operations-domain-and-ports',
    '@aws-sdk/client-eks',
  ],
  [
    'functions/planted-b.ts',
    "export * from './drain-node.ts';",
    'functions-import-only-operations-domain-and-ports',
    'functions/drain-node.ts',
  ],
  [
    'functions/planted-c.ts',
    "import type { Sandbox } from 'eks-sandbox'; export type Planted = Sandbox;",
    'functions-import-only-operations-domain-and-ports',
    'sandbox/sandbox.ts',
  ],
  [
    'functions/planted-d.ts',
    "import '../clients/lambda/deps.ts';",
    'functions-import-only-operations-domain-and-ports',
    'clients/lambda/deps.ts',
  ],
  [
    'clients/aws/planted.ts',
    "import '../../operations/nodegroup/change-node.ts';",
    'clients-import-only-ports-and-domain',
    'operations/nodegroup/change-node.ts',
  ],
  ['clients/ports.ts', "import './lambda/step.ts';", 'ports-import-only-domain', 'clients/lambda/step.ts'],
  [
    'cli/commands/planted.ts',
    "import { drainNode } from '../../functions/drain-node.ts'; drainNode;",
    'cli-imports-only-report-domain-clients-operations',
    'functions/drain-node.ts',
  ],
  [
    'sandbox/aws/planted-a.ts',
    "import { chunks } from '../../domain/text.ts'; chunks;",
    'sandbox-imports-nothing-of-the-product',
    'domain/text.ts',
  ],
  [
    'sandbox/test/planted-b.ts',
    "import type { Clock } from '../../clients/ports.ts'; export type Planted = Clock;",
    'sandbox-imports-nothing-of-the-product',
    'clients/ports.ts',
  ],
  [
    'cli/display/planted.ts',
    "import type { Scenario } from 'eks-sandbox/scenario'; export type Planted = Scenario;",
    'only-embedded-imports-the-sandbox',
    'sandbox/scenario.ts',
  ],
  [
    'cli/embedded/planted.ts',
    "import '../../test/support/source-files.ts';",
    'only-tests-import-tests',
    'test/support/source-files.ts',
  ],
  ['scripts/planted.ts', "require('../tooling/build.ts');", 'scripts-import-only-each-other', 'tooling/build.ts'],
  [
    'cli/embedded/planted-b.ts',
    "import '../../tooling/build.ts';",
    'only-tests-import-scripts-and-tooling',
    'tooling/build.ts',
  ],
  [
    'simulation/planted.ts',
    "import { drainNode } from '../functions/drain-node.ts'; drainNode;",
    'simulation-imports-only-embedded-sandbox-domain-report',
    'functions/drain-node.ts',
  ],
  [
    'cli/embedded/planted-c.ts',
    "import '../../simulation/case.ts';",
    'only-tests-import-the-simulation',
    'simulation/case.ts',
  ],
  [
    'domain/planted-cycle-a.ts',
    "import { b } from './planted-cycle-b.ts'; export const a = () => b;",
    'no-cycles',
    'domain/planted-cycle-b.ts',
  ],
  ['report/planted-b.ts', "import './not-there.ts';", 'imports-resolve', './not-there.ts'],
];

/** The other half of the planted cycle. */
const BESIDES: typeof PLANTED = [
  ['domain/planted-cycle-b.ts', "import { a } from './planted-cycle-a.ts'; export const b = () => a;", '', ''],
];

const OWN_CODE = /\.(ts|mts|cts|mjs|cjs|js)$/;

/** Copy our own code, with the packages as they are installed, and plant the forbidden imports in it. */
function plantedCopy(files: readonly { path: string; text: string }[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'arrows-'));
  for (const { path, text } of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    const planted = PLANTED.filter(([file]) => file === path).map(([, code]) => code);
    writeFileSync(join(folder, path), [text, ...planted].join('\n'));
  }
  for (const [file, code] of [...PLANTED, ...BESIDES]) {
    if (!files.some(({ path }) => path === file)) writeFileSync(join(folder, file), code);
  }
  for (const manifest of ['package.json', 'sandbox/package.json']) cpSync(manifest, join(folder, manifest));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync('node_modules')) {
    const target = name === 'eks-sandbox' ? '../sandbox' : join(process.cwd(), 'node_modules', name);
    symlinkSync(target, join(folder, 'node_modules', name));
  }
  return folder;
}

describe('the arrows between the rooms', () => {
  const files = sourceFiles(['.'], OWN_CODE);
  let folder: string;
  let arrows: Arrows;

  before(async function () {
    this.timeout(120_000);
    folder = plantedCopy(files);
    arrows = await readArrows(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [file, code, rule, to] of PLANTED) {
    it(`${rule}: finds ${code} in ${file}`, () => {
      const found = arrows.forbidden.filter((each) => each.from === file && each.rule === rule);
      assert.ok(
        found.some((each) => each.to === to || each.to.includes(`node_modules/${to}/`)),
        `found ${JSON.stringify(found)}`,
      );
      assert.notEqual(found[0]?.instead, '');
    });
  }

  it('have a planted import for every rule', () => {
    const planted = new Set(PLANTED.map(([, , rule]) => rule));
    assert.deepEqual([...planted].sort(), [...arrows.rules].sort());
  });

  it('are read in every file of ours', () => {
    const read = new Set(arrows.modules);
    assert.deepEqual(
      files.map(({ path }) => path).filter((path) => !read.has(path)),
      [],
    );
  });

  it('point one way', () => {
    const planted = new Set(PLANTED.map(([file]) => file));
    const forbidden = arrows.forbidden.filter(({ from }) => !planted.has(from));
    assert.deepEqual(
      forbidden.map(({ from, to, rule, instead }) => `${from} imports ${to} (${rule}): ${instead}`),
      [],
    );
  });
});
