import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a client program said, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client program that runs on its own, until it ends or is stopped. */
export interface RunningClient {
  /** Everything it has said so far, on both streams. */
  said(): string;
  /** Wait until it has said this. @throws Error with what it said instead */
  until(pattern: RegExp, limitSeconds: number): Promise<void>;
  stop(): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

/** Start a client program of the PATH. */
export function startClient(command: string, argv: readonly string[], input = ''): RunningClient {
  const child: ChildProcess = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that does not read its input may be gone before it is written.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = () => `${stdout}${stderr}`;
  return {
    said,
    ended,
    async until(pattern, limitSeconds) {
      const giveUpAt = performance.now() + limitSeconds * 1000;
      while (!pattern.test(said())) {
        if (child.exitCode !== null)
          throw new Error(`${command} ${argv.join(' ')} ended before ${pattern}:\n${said()}`);
        if (performance.now() > giveUpAt) throw new Error(`no ${pattern} in ${limitSeconds} s, but:\n${said()}`);
        await sleep(100);
      }
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Run a client program of the PATH to its end, whatever its exit code. */
export const runClient = (command: string, argv: readonly string[], input?: string): Promise<Ended> =>
  startClient(command, argv, input).ended;

/** Run a client program that must succeed. @returns what it printed @throws Error with what it said */
export async function succeed(command: string, argv: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runClient(command, argv, input);
  if (code !== 0) throw new Error(`${command} ${argv.join(' ')} ended with code ${code}:\n${stderr}${stdout}`);
  return stdout;
}
