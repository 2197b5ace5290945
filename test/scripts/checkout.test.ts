import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { machinesNode } from '../support/machines-node.ts';
import { pretendNode } from '../support/pretend-node.ts';

const STARTED_BY_HAND = [
  ...readdirSync('scripts')
    .filter((file) => file.endsWith('.ts') && file !== 'demo.ts')
    .map((file) => `scripts/${file}`),
  'cli/eks-nodegroup-upgrade.mjs',
  'scripts/check.cjs',
];

const LOCKED = {
  '': { name: 'a-checkout' },
  'node_modules/needed': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/for-another-platform': { version: '1.0.0', integrity: 'sha512-b', optional: true },
};

describe('a checkout', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-checkout-'));
    for (const path of ['scripts', 'cli/eks-nodegroup-upgrade.mjs', 'cli/cli.ts', '.mocharc.cjs', 'package.json']) {
      cpSync(path, join(folder, path), { recursive: true });
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const writeLock = (path: string, packages: object) => write(path, JSON.stringify({ packages }));
  const start = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const env = { PATH: process.env.PATH, ...environment };
    return spawnSync(machinesNode(), argv, { cwd: folder, env, encoding: 'utf8' });
  };
  const isOneSentence = (stderr: string) => assert.match(stderr, /^[^\n]+\.\n$/);

  describe('without its dependencies', () => {
    for (const file of STARTED_BY_HAND) {
      it(`says in one sentence that ${file} needs npm ci`, () => {
        const { status, stdout, stderr } = start([file]);
        assert.match(stderr, /^The dependencies are not installed\. Run `npm ci` in /);
        isOneSentence(stderr.replace('. Run', ', run'));
        assert.equal(stdout, '');
        assert.equal(status, 3);
      });
    }

    it('says it for mocha too, wherever that comes from', () => {
      const { status, stderr } = start([resolve('node_modules/mocha/bin/mocha.js')]);
      assert.match(stderr, /^The dependencies are not installed\. Run `npm ci` in /);
      assert.equal(status, 3);
    });
  });

  describe('with an old Node', () => {
    beforeEach(() => {
      writeLock('node_modules/.package-lock.json', {});
      write('old.cjs', pretendNode('20.19.0'));
    });

    for (const file of STARTED_BY_HAND) {
      it(`says in one sentence that ${file} needs Node 24, where npm has none for the platform`, () => {
        const { status, stderr } = start(['--require', './old.cjs', file]);
        assert.match(stderr, /^Node 22\.19 or later is needed here, and this is 20\.19\.0: install Node 24 /);
        isOneSentence(stderr);
        assert.equal(status, 3);
      });
    }

    const installNode = () => {
      const platform = process.platform.replace('win32', 'win');
      const node = `node_modules/node-${platform}-${process.arch}/bin/node`;
      write(node, `#!/bin/sh\nprintf 'npm has started %s\\n' "$*"\nexit 7\n`);
      chmodSync(join(folder, node), 0o755);
    };

    it('runs the program in the Node that npm installed', () => {
      installNode();
      const { status, stdout } = start(['--require', './old.cjs', 'scripts/bench.ts', '30']);
      assert.match(stdout, /^npm has started -- \S*scripts\/bench\.ts 30\n$/);
      assert.equal(status, 7);
    });

    it('says where that Node is when mocha is started in the old one', () => {
      installNode();
      const { status, stderr } = start(['--require', './old.cjs', resolve('node_modules/mocha/bin/mocha.js')]);
      assert.equal(stderr, 'This is Node 20.19.0: put node_modules/.bin, where a newer one is, first on the PATH.\n');
      assert.equal(status, 3);
    });
  });

  describe('installs', () => {
    const installs = () => {
      write('npm.cjs', "require('node:fs').writeFileSync('installed', process.argv.slice(2).join(' '));");
      const { status } = start(['scripts/install.cjs'], { npm_execpath: join(folder, 'npm.cjs') });
      assert.equal(status, 0);
      return existsSync(join(folder, 'installed'));
    };
    const installed = () => {
      writeLock('package-lock.json', LOCKED);
      writeLock('node_modules/.package-lock.json', { 'node_modules/needed': LOCKED['node_modules/needed'] });
      write('node_modules/needed/package.json', '{}');
    };

    it('nothing when all is installed as it is locked', () => {
      installed();
      assert.equal(installs(), false);
    });

    it('all when nothing is installed', () => {
      writeLock('package-lock.json', LOCKED);
      assert.equal(installs(), true);
      assert.match(readFileSync(join(folder, 'installed'), 'utf8'), /^ci /);
    });

    const changes: readonly [title: string, change: () => void][] = [
      [
        'another version is locked',
        () => writeLock('package-lock.json', { 'node_modules/needed': { version: '1.0.1', integrity: 'sha512-a' } }),
      ],
      [
        'the same version has other contents',
        () => writeLock('package-lock.json', { 'node_modules/needed': { version: '1.0.0', integrity: 'sha512-c' } }),
      ],
      [
        'a package is new',
        () => writeLock('package-lock.json', { ...LOCKED, 'node_modules/new': { version: '1.0.0' } }),
      ],
      ['the folder of a package is gone', () => rmSync(join(folder, 'node_modules/needed'), { recursive: true })],
    ];
    for (const [title, change] of changes) {
      it(`all when ${title}`, () => {
        installed();
        change();
        assert.equal(installs(), true);
      });
    }

    it('nothing else when npm fails', () => {
      writeLock('package-lock.json', LOCKED);
      write('npm.cjs', 'process.exit(5);');
      const { status, stdout } = start(['scripts/demo.ts'], { npm_execpath: join(folder, 'npm.cjs') });
      assert.equal(status, 5);
      assert.equal(stdout, '');
    });
  });
});
