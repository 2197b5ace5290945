import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Executions } from '../clients/ports.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { CliIo, CommandContext } from './commands/command.ts';
import type { OutputStream } from './display/terminal.ts';
import { CliFailure, EXIT_CODES, explain } from './failure.ts';
import { type Parsed, runProgram } from './program.ts';
import type { Reader } from './reader.ts';

/** What `runCli` needs of the world; all but the streams and the environment has a default. */
export interface CliWorld extends Partial<Omit<CliIo, 'stdout' | 'stderr' | 'env'>> {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: CliIo['env'];
  /** Instead of the AWS SDK. */
  readonly executions?: Executions;
  /** Instead of the AWS SDK and the clusters it finds. */
  readonly reader?: Reader;
}

const version = (): string => {
  const { version: number } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  return number;
};

function ioOf(world: CliWorld): CliIo {
  const signal = world.signal ?? new AbortController().signal;
  return {
    readStdin: () => text(process.stdin),
    now: () => new Date(),
    suffix: () => randomBytes(2).toString('hex'),
    sleep: (seconds) => delay(seconds * 1000, undefined, { signal }).catch(() => undefined),
    ...world,
    signal,
  };
}

/** The world of a command, with clients that are made on first use. */
function contextOf({ options, operand }: Parsed, world: CliWorld, io: CliIo): CommandContext {
  const region = options.text('region');
  const config = region === undefined ? {} : { region };
  let { executions } = world;
  return {
    ...io,
    options,
    operand,
    executions: async () => {
      executions ??= (await import('../clients/aws/executions.ts')).connectExecutions(config);
      return executions;
    },
    reader: async () => world.reader ?? (await import('./reader.ts')).createReader(config),
  };
}

async function dispatch(argv: readonly string[], world: CliWorld, io: CliIo): Promise<number> {
  // The scripts of `completion` call this when the user presses Tab.
  if (argv[0] === 'complete' && argv[1] === '--') {
    (await import('./completion.ts')).printCompletions(argv.slice(2));
    return EXIT_CODES.success;
  }
  const { stdout, stderr } = io;
  return runProgram({ argv, stdout, stderr, version: version() }, (parsed) =>
    parsed.command.run(contextOf(parsed, world, io)),
  );
}

/**
 * Run the command line program.
 *
 * @param argv without the program's own name
 * @returns the exit code; a failure is one sentence on `stderr`, never a stack trace
 */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<number> {
  const io = ioOf(world);
  try {
    return await dispatch(argv, world, io);
  } catch (error) {
    if (io.signal.aborted) return EXIT_CODES.interrupted;
    const failure = explain(error, io.env.AWS_ENDPOINT_URL_SFN ?? io.env.AWS_ENDPOINT_URL);
    if (failure instanceof InvalidInput) {
      io.stderr.write(`InvalidInput: ${failure.message}\n`);
      return EXIT_CODES.usage;
    }
    const message = failure instanceof Error ? failure.message : String(failure);
    io.stderr.write(`eks-nodegroup-upgrade: ${message}\n`);
    return failure instanceof CliFailure ? failure.exitCode : EXIT_CODES.unreachable;
  }
}

/** The name of the user; a user id without an entry in the password file has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** Ctrl-C reaches a program under npm twice: from the terminal, and passed on by npm. */
const SAME_INTERRUPT_MS = 1000;

/** Aborts at Ctrl-C, or when the terminal closes. Asked again later, the process ends at once. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  let askedAt = 0;
  const stop = () => {
    if (interrupt.signal.aborted && performance.now() - askedAt > SAME_INTERRUPT_MS)
      process.exit(EXIT_CODES.interrupted);
    if (!interrupt.signal.aborted) askedAt = performance.now();
    interrupt.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return interrupt.signal;
}

/** Run the program for this process: its arguments, streams and environment; an interrupt stops it in good order. */
export async function main(): Promise<void> {
  // `… | head` closes the pipe, which is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.success);
  });
  process.exitCode = await runCli(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    env: { USER: userName(), ...process.env },
    signal: interruptSignal(),
  });
}
