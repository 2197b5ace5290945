import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machinesNode } from '../support/machines-node.ts';
import { pretendNode } from '../support/pretend-node.ts';

const { files, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  files: readonly string[];
  engines: { node: string };
};

describe('the installed program', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-installed-'));
    // What `npm pack` takes, with a program that only says it has started.
    const starting = files.filter((file) => /\.[cm]js$/.test(file));
    for (const path of ['package.json', ...starting]) cpSync(path, join(folder, path));
    mkdirSync(join(folder, 'dist/cli'), { recursive: true });
    writeFileSync(join(folder, 'dist/cli/cli.mjs'), "export const main = () => process.stdout.write('started');\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const startIn = (version: string) => {
    writeFileSync(join(folder, 'node.cjs'), pretendNode(version));
    const argv = ['--require', './node.cjs', 'cli/eks-nodegroup-upgrade.mjs', '--version'];
    const { status, stdout, stderr } = spawnSync(machinesNode(), argv, { cwd: folder, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  for (const version of ['18.20.8', '20.9.0', '20.18.3']) {
    it(`says in one sentence that Node ${version} is too old`, () => {
      assert.deepEqual(startIn(version), {
        status: 3,
        stdout: '',
        stderr: `Node 20.19 or later is needed here, and this is ${version}: install Node 24.\n`,
      });
    });
  }

  for (const version of ['20.19.0', '22.0.0', '24.1.0']) {
    it(`starts on Node ${version}`, () => {
      assert.deepEqual(startIn(version), { status: 0, stdout: 'started', stderr: '' });
    });
  }

  it('needs the Node that the README and the decision name', () => {
    const oldest = engines.node.replace('>=', '');
    for (const path of ['README.md', 'docs/decisions/0013-a-package-without-dependencies.md', 'CHANGELOG.md']) {
      const named = [...readFileSync(path, 'utf8').matchAll(/\bNode(?:\.js)? (\d+(?:\.\d+)*) or later/g)];
      assert.notEqual(named.length, 0, path);
      for (const [text, version] of named) assert.equal(version, oldest, `${path}: ${text}`);
    }
  });
});
