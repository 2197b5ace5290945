import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string> };

describe('the README of the sandbox', () => {
  it('has an example that runs, and lists the node groups of a cluster', async () => {
    const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const node = promisify(execFile);
    const { stdout } = await node(process.execPath, ['--input-type=module-typescript', '--eval', example], {
      cwd: ROOT,
    });
    assert.match(stdout, /\[ 'workers' \]/);
  });

  for (const path of Object.keys(exports).filter((each) => each !== './package.json')) {
    const name = path.replace('.', 'eks-sandbox').replace('*', 'NAME.yaml');
    it(`says what ${name} gives`, () =>
      assert.ok(readme.includes(`\`${name}\``), `sandbox/README.md: explain ${name}`));
  }

  it('has no import that the package does not offer', () => {
    for (const [, path] of readme.matchAll(/'eks-sandbox\/?([^']*)'/g)) {
      const isScenario = path?.startsWith('scenarios/');
      assert.ok(isScenario || (path === '' ? '.' : `./${path}`) in exports, `package.json has no export ${path}`);
    }
  });
});
