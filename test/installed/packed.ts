import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { machinesNode } from '../support/machines-node.ts';

export const NAME = 'eks-nodegroup-upgrade';
export const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a program to its end, whatever its exit code. */
export async function run(
  command: string,
  argv: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, argv, { ...options, maxBuffer: 2 ** 26 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as unknown as Outcome;
    return { code, stdout, stderr };
  }
}

/** A PATH with one Node, and npm, which comes with the machine's. */
export const pathWith = (node: string) => [dirname(node), dirname(machinesNode()), '/usr/bin', '/bin'].join(delimiter);

async function packOnce(): Promise<{ folder: string; tarball: string }> {
  const folder = mkdtempSync(join(tmpdir(), `${NAME}-package-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // An empty environment: no credentials, no region, no login, no settings of the person at the keyboard.
  const env = { PATH: pathWith(process.execPath), HOME: folder };
  const packed = await run('npm', ['pack', '--pack-destination', folder], { cwd: '.', env });
  assert.equal(packed.code, 0, packed.stderr);
  return { folder, tarball: join(folder, `${NAME}-${version}.tgz`) };
}

let packing: ReturnType<typeof packOnce> | undefined;

/**
 * Pack once for all tests of this process, which takes a quarter of a minute: builds the bundles in dist/ and the stack in
 * .serverless/. The folder is removed when the process ends.
 */
export function pack(): ReturnType<typeof packOnce> {
  packing ??= packOnce();
  return packing;
}
