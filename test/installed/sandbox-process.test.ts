import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { machinesNode } from '../support/machines-node.ts';

const END_LIMIT_MS = 15_000;
const NPM = ['npm', 'run', 'sandbox'];
/** On an old Node this is one process that waits for another. */
const LAUNCHER = [machinesNode(), resolve('cli/eks-nodegroup-upgrade.mjs'), 'sandbox'];
const PATH = [dirname(machinesNode()), '/usr/bin', '/bin'].join(delimiter);

interface StartedSandbox {
  readonly child: ChildProcess;
  /** Its output closes when the last process that writes to it has ended. */
  readonly ended: Promise<unknown>;
  /** What it removes when it ends in good order. */
  readonly kubeconfig: string;
}

/** Start a sandbox in a process group of its own, as a terminal does, and wait until it serves. */
async function startSandbox([command = '', ...argv]: readonly string[]): Promise<StartedSandbox> {
  const env = { PATH, HOME: process.env.HOME };
  const child = spawn(command, argv, { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'close');
  const output = await new Promise<string>((fulfil) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('Ctrl-C')) fulfil(text);
    });
    child.once('close', () => fulfil(text));
  });
  const kubeconfig = /^export KUBECONFIG='(.+)'$/m.exec(output)?.[1];
  assert.ok(kubeconfig !== undefined && existsSync(kubeconfig), output);
  return { child, ended, kubeconfig };
}

describe('a sandbox in a process of its own', () => {
  const rows: readonly [title: string, command: readonly string[], signal: NodeJS.Signals, to: 'it' | 'all'][] = [
    ['npm is terminated', NPM, 'SIGTERM', 'it'],
    ['npm is interrupted', NPM, 'SIGINT', 'it'],
    ['npm is killed', NPM, 'SIGKILL', 'it'],
    ['Ctrl-C reaches npm and all it started', NPM, 'SIGINT', 'all'],
    ['the terminal of npm closes', NPM, 'SIGHUP', 'all'],
    ['the launcher is terminated', LAUNCHER, 'SIGTERM', 'it'],
    ['the launcher is interrupted', LAUNCHER, 'SIGINT', 'it'],
    ['the terminal of the launcher closes', LAUNCHER, 'SIGHUP', 'all'],
  ];
  for (const [title, command, signal, to] of rows) {
    it(`ends in good order when ${title}`, async () => {
      const { child, ended, kubeconfig } = await startSandbox(command);
      const pid = child.pid as number;
      process.kill(to === 'all' ? -pid : pid, signal);
      const outcome = await Promise.race([ended, delay(END_LIMIT_MS, 'still running', { ref: false })]);
      if (outcome === 'still running') process.kill(-pid, 'SIGKILL');
      assert.notEqual(outcome, 'still running');
      assert.equal(existsSync(kubeconfig), false, 'it has not tidied up');
    });
  }
});
