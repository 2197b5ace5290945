import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Tell the person at the terminal what is going on, a line at a time. */
export type Say = (line: string) => void;

/** Where things that take minutes to build are kept between runs, outside of the repository. */
export const cacheRoot = (environment: Readonly<Record<string, string | undefined>>): string =>
  join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'eks-nodegroup-upgrade', 'real');

/** A key that changes with any of the texts: sources, pinned versions, platform. */
export const cacheKey = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);

export interface CacheEntry {
  readonly root: string;
  /** What a person calls it. */
  readonly name: string;
  readonly key: string;
  /** Fill the folder, which exists and is empty. */
  build(folder: string): Promise<void>;
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Take the lock, after waiting for a process that builds the same. Locks of processes that have ended do not count. */
async function lock(path: string, say: Say, name: string): Promise<void> {
  let hasSaid = false;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(existsSync(path) ? readFileSync(path, 'utf8') : '');
    if (owner > 0 && !isRunning(owner)) rmSync(path, { force: true });
    else {
      if (!hasSaid) say(`${name}: process ${owner} is building it; waiting (if that is not so, remove ${path})`);
      hasSaid = true;
      await sleep(500);
    }
  }
}

const secondsSince = (startedAt: number): number => Math.round((performance.now() - startedAt) / 1000);

/**
 * Give the folder of an entry, building it when it is not there, of another key, or was left unfinished.
 *
 * @returns the folder: `<root>/<name>-<key>`
 */
export async function cached(entry: CacheEntry, say: Say): Promise<string> {
  const folder = join(entry.root, `${entry.name}-${entry.key}`);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  mkdirSync(entry.root, { recursive: true });
  const lockPath = `${folder}.lock`;
  await lock(lockPath, say, entry.name);
  try {
    if (existsSync(complete)) return folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const startedAt = performance.now();
    await entry.build(folder);
    writeFileSync(complete, '');
    say(`${entry.name}: done after ${secondsSince(startedAt)} s`);
    return folder;
  } finally {
    rmSync(lockPath, { force: true });
  }
}
