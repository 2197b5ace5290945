import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, cacheKey, cacheRoot } from '../real/harness/cache.ts';

describe('the cache of built programs', function () {
  this.timeout(120_000);

  let root: string;
  let builds: string[];
  const said: string[] = [];

  const use = (key: string, build?: (folder: string) => void) =>
    cached(
      {
        root,
        name: 'program',
        key,
        async build(folder) {
          builds.push(key);
          build?.(folder);
          writeFileSync(join(folder, 'program'), key);
        },
      },
      (line) => said.push(line),
    );

  beforeEach(() => {
    root = join(mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-cache-')), 'deep', 'root');
    builds = [];
  });
  afterEach(() => rmSync(join(root, '../..'), { recursive: true, force: true }));

  it('builds once', async () => {
    const folder = await use('a');
    assert.equal(await use('a'), folder);
    assert.deepEqual(builds, ['a']);
    assert.equal(readFileSync(join(folder, 'program'), 'utf8'), 'a');
  });

  it('builds again when its sources have changed', async () => {
    assert.notEqual(await use('a'), await use('b'));
    assert.deepEqual(builds, ['a', 'b']);
  });

  it('builds an unfinished program again, in an empty folder', async () => {
    const leaveHalf = (folder: string) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('interrupted');
    };
    await assert.rejects(use('a', leaveHalf), /interrupted/);
    const folder = await use('a');
    assert.equal(existsSync(join(folder, 'half')), false);
    assert.deepEqual(builds, ['a', 'a']);
  });

  it('builds once when two ask at the same time', async () => {
    assert.equal(...((await Promise.all([use('a'), use('a')])) as [string, string]));
    assert.deepEqual(builds, ['a']);
  });

  it('ignores the lock of a process that has ended', async () => {
    const { pid } = spawnSync('true');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'program-a.lock'), String(pid));
    await use('a');
    assert.deepEqual(builds, ['a']);
  });

  it('has a key for every combination of texts', () => {
    const keys = [cacheKey('a', 'b'), cacheKey('ab'), cacheKey('b', 'a'), cacheKey('a', 'b', '')];
    assert.equal(new Set(keys).size, 4);
    assert.equal(cacheKey('a', 'b'), keys[0]);
  });

  it('is in the cache folder of the user', () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: '/caches' }), '/caches/eks-nodegroup-upgrade/real');
    assert.match(cacheRoot({}), /\.cache\/eks-nodegroup-upgrade\/real$/);
  });
});
