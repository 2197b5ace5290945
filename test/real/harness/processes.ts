import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program of ours or others that runs for as long as we need it. */
export interface RunningProcess {
  readonly name: string;
  readonly logPath: string;
  /** How it ended, once it has. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** End it and everything it started. */
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** What a person calls it. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  /** Takes all it says. */
  readonly logPath: string;
}

/** A component did not start, or ended by itself. The message ends with the last lines of its log. */
export class ComponentFailure extends Error {
  override readonly name = 'ComponentFailure';
}

/** What `ended` says of success. */
export const ENDED_WELL = 'ended with code 0';

const LOG_LINES = 20;

/*
 * Leads the process group: runs the command, and kills the whole group as soon as its standard input closes. That happens
 * when we are gone, however we went, SIGKILL included.
 */
const GUARD = `exec 3<&0
"$@" </dev/null 3<&- &
command=$!
(cat >/dev/null; kill -KILL 0) <&3 &
wait $command`;

const leaders = new Set<ChildProcess>();
let isHooked = false;

const killGroup = (leader: ChildProcess) => {
  try {
    if (leader.pid !== undefined) process.kill(-leader.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
};

/** Let every way out of this process stop what it started, at once and in good order. */
export function stopAllOnExit(): void {
  if (isHooked) return;
  isHooked = true;
  process.on('exit', () => {
    for (const leader of leaders) killGroup(leader);
  });
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(signals)) process.on(signal, () => process.exit(code));
}

/** Start a program in a process group of its own, which ends with this process whatever happens. */
export function startProcess(options: ProcessOptions): RunningProcess {
  stopAllOnExit();
  const log = openSync(options.logPath, 'a', 0o600);
  const leader = spawn('sh', ['-c', GUARD, options.name, options.command, ...options.arguments], {
    detached: true,
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', log, log],
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  });
  closeSync(log);
  leaders.add(leader);
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      leaders.delete(leader);
      killGroup(leader);
      resolve(how);
    };
    leader.once('error', (error) => end(`could not be started: ${error.message}`));
    leader.once('exit', (code, signal) => end(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
  // The guard's pipe breaks when it ends; `ended` reports that.
  leader.stdin?.on('error', () => undefined);
  return {
    name: options.name,
    logPath: options.logPath,
    ended,
    hasEnded: () => !leaders.has(leader),
    async stop() {
      killGroup(leader);
      await ended;
    },
  };
}

/** The failure of a component, with the end of its log. */
export function failureOf(component: RunningProcess, what: string): ComponentFailure {
  const lines = readFileSync(component.logPath, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  return new ComponentFailure(`${component.name} ${what}. The last lines of its log:\n  ${lines.join('\n  ')}`);
}

/**
 * Wait until a component answers.
 *
 * @param isReady one attempt; an exception counts as no
 * @throws ComponentFailure when it ends before, or takes more than `limitSeconds`
 */
export async function awaitReady(
  component: RunningProcess,
  isReady: () => Promise<boolean>,
  limitSeconds: number,
): Promise<void> {
  const giveUpAt = performance.now() + limitSeconds * 1000;
  while (performance.now() < giveUpAt) {
    if (component.hasEnded()) throw failureOf(component, await component.ended);
    if (await isReady().catch(() => false)) return;
    await sleep(100);
  }
  throw failureOf(component, `was not ready after ${limitSeconds} s`);
}

/** Call `report` with a failure when one of the components ends before `stop` was called; returns that `stop`. */
export function watchOver(
  components: readonly RunningProcess[],
  report: (failure: ComponentFailure) => void,
): () => Promise<void> {
  let isStopping = false;
  for (const component of components) {
    component.ended.then((how) => {
      if (!isStopping) report(failureOf(component, how));
    }, report);
  }
  return async () => {
    isStopping = true;
    await Promise.all(components.map((component) => component.stop()));
  };
}

/** End this process because a component it depends on went down. */
export function endWith(failure: ComponentFailure): never {
  process.stderr.write(`\n${failure.message}\n`);
  process.exit(1);
}
