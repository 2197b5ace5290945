import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Executions } from '../clients/ports.ts';
import { InvalidInput } from '../domain/errors.ts';
import { nearest } from '../domain/input/nearest.ts';
import { GLOBAL_OPTIONS, parseArguments } from './commands/arguments.ts';
import type { CliIo, Command } from './commands/command.ts';
import { commandHelp, programHelp } from './commands/help.ts';
import { list } from './commands/list.ts';
import { outdated } from './commands/outdated.ts';
import { plan } from './commands/plan.ts';
import { report } from './commands/report.ts';
import { start } from './commands/start.ts';
import { status } from './commands/status.ts';
import { wait } from './commands/wait.ts';
import { watch } from './commands/watch.ts';
import type { OutputStream } from './display/terminal.ts';
import { CliFailure, EXIT_CODES, explain, usageFailure } from './failure.ts';
import type { Reader } from './reader.ts';

const COMMANDS: readonly Command[] = [outdated, plan, start, watch, wait, status, list, report];

/** Has its own options, and is loaded only when asked for: the other commands need none of the sandbox. */
const SANDBOX = { name: 'sandbox', summary: 'keep a simulated AWS region and EKS cluster up to try everything on' };

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
  return `${number}\n`;
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

/** The command's name and what is left of the arguments; global options may come before it. */
function splitCommand(argv: readonly string[]): { name: string | undefined; rest: string[] } {
  let index = 0;
  while (index < argv.length && argv[index]?.startsWith('-')) {
    const option = argv[index]?.slice(2) ?? '';
    index += GLOBAL_OPTIONS[option]?.type === 'string' ? 2 : 1;
  }
  return { name: argv[index], rest: [...argv.slice(0, index), ...argv.slice(index + 1)] };
}

async function dispatch(argv: readonly string[], world: CliWorld, io: CliIo): Promise<number> {
  const { name, rest } = splitCommand(argv);
  if (argv.includes('--version') && name === undefined) {
    io.stdout.write(version());
    return EXIT_CODES.success;
  }
  const names = [...COMMANDS, SANDBOX];
  if (name === undefined || name === 'help') {
    parseArguments(rest, {}, name === 'help' ? 1 : 0);
    const isAsked = name === 'help' || rest.includes('--help') || rest.includes('-h');
    (isAsked ? io.stdout : io.stderr).write(programHelp(names));
    return isAsked ? EXIT_CODES.success : EXIT_CODES.usage;
  }
  if (name === SANDBOX.name) return (await import('./commands/sandbox.ts')).runSandbox(rest, io);
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) {
    const near = nearest(
      name,
      names.map((each) => each.name),
    );
    throw usageFailure(
      `unknown command "${name}"${near === undefined ? '; --help lists the commands' : `: did you mean ${near}?`}`,
    );
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout.write(commandHelp(command));
    return EXIT_CODES.success;
  }
  const { options, operands } = parseArguments(rest, command.options, command.maxOperands);
  const region = options.text('region');
  const config = region === undefined ? {} : { region };
  let executions = world.executions;
  return command.run({
    ...io,
    options,
    operands,
    executions: async () => {
      executions ??= (await import('../clients/aws/executions.ts')).connectExecutions(config);
      return executions;
    },
    reader: async () => world.reader ?? (await import('./reader.ts')).createReader(config),
  });
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
    const told = explain(error, io.env.AWS_ENDPOINT_URL_SFN ?? io.env.AWS_ENDPOINT_URL);
    if (told instanceof InvalidInput) {
      io.stderr.write(`InvalidInput: ${told.message}\n`);
      return EXIT_CODES.usage;
    }
    const message = told instanceof Error ? told.message : String(told);
    io.stderr.write(`eks-nodegroup-upgrade: ${message}\n`);
    return told instanceof CliFailure ? told.exitCode : EXIT_CODES.unreachable;
  }
}

/** Who runs this; a user id without an entry in the password file has no name. */
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
  // `… | head` closes the pipe; that is no failure of ours.
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
