import { Argument, Command as CommanderCommand, CommanderError, Option } from 'commander';
import { nearest } from '../domain/input/nearest.ts';
import { enumeration } from '../domain/text.ts';
import {
  type CliIo,
  type Command,
  INVOCATION,
  type OperandSpec,
  type OptionSpec,
  type OptionSpecs,
  type Options,
  PROGRAM,
} from './commands/command.ts';
import { COMMANDS, ENDPOINT_HINT, GLOBAL_OPTIONS, PROGRAM_EXAMPLES, PURPOSE, sentenceOf } from './commands/commands.ts';
import { type CliFailure, EXIT_CODES, EXIT_MEANINGS, usageFailure } from './failure.ts';

/** The parsed arguments. */
export interface Parsed {
  readonly command: Command;
  readonly options: Options;
  readonly operand: string | undefined;
}

interface ParserWorld extends Pick<CliIo, 'stdout' | 'stderr'> {
  readonly argv: readonly string[];
  readonly version: string;
}

/** An option of commander. Values are collected in a list, for repeatable options and others alike. */
function optionOf(name: string, spec: OptionSpec, argv: readonly string[]): Option {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const flags = `${short}--${name}${spec.type === 'boolean' ? '' : ` <${spec.value}>`}`;
  const option = new Option(flags, spec.description);
  if (spec.type === 'boolean') return option;
  return option.argParser((value: string, before: readonly string[] | undefined) => {
    // Commander takes the next argument, whatever it is. In `--cluster --force` the value was forgotten; in `--cluster=--force` it was not.
    const isForgotten = value === '' || (value.startsWith('--') && !argv.includes(`--${name}=${value}`));
    if (isForgotten) throw usageFailure(`option '${flags}' argument missing`);
    if (before !== undefined && !spec.isRepeatable) throw usageFailure(`--${name} is given twice`);
    return [...(before ?? []), value];
  });
}

function addOptions(target: CommanderCommand, specs: OptionSpecs, argv: readonly string[]): void {
  for (const [name, spec] of Object.entries(specs)) target.addOption(optionOf(name, spec, argv));
}

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  const given = (name: string): unknown => values[camelCase(name)];
  const texts = (name: string): readonly string[] => {
    const value = given(name);
    return Array.isArray(value) ? value : [];
  };
  return { texts, text: (name) => texts(name).at(-1), flag: (name) => given(name) !== undefined };
}

const section = (title: string, lines: readonly string[]): string =>
  `\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`;

const exitCodes = section(
  'Exit codes',
  EXIT_MEANINGS.map(([code, meaning]) => `${code}  ${meaning}`),
);
const examplesOf = (examples: readonly string[]): string =>
  section(
    'Examples',
    examples.map((example) => `${INVOCATION} ${example}`),
  );

/** An argument of commander, with our own sentence for a value that is none of the choices. */
function argumentOf({ name, isRequired, choices, description }: OperandSpec): Argument {
  const argument = new Argument(isRequired ? `<${name}>` : `[${name}]`, description);
  if (choices === undefined) return argument;
  return argument.argParser((value: string) => {
    if (choices.includes(value)) return value;
    throw usageFailure(`${name} must be ${enumeration(choices, 'or')}, not "${value}"`);
  });
}

/** A newcomer often gives the cluster, or a second group, without its option. */
function throwIfTooMany({ name, operand, options }: Command, given: readonly string[]): void {
  const excess = given[operand === undefined ? 0 : 1];
  if (excess === undefined) return;
  if (operand !== undefined) throw usageFailure(`${name} takes one argument, and '${excess}' is a second one`);
  const hint = options.cluster === undefined ? '' : `: did you mean --cluster ${excess}?`;
  throw usageFailure(`${name} takes no argument '${excess}'${hint}`);
}

function unknownCommand(name: string): CliFailure {
  const near = nearest(
    name,
    COMMANDS.map((command) => command.name),
  );
  return usageFailure(`unknown command '${name}'${near === undefined ? '' : `: did you mean ${near}?`}`);
}

function addCommand(
  program: CommanderCommand,
  command: Command,
  argv: readonly string[],
  onParsed: (parsed: Parsed) => Promise<void>,
): void {
  const { name, summary, details, operand, options, examples } = command;
  const target = program
    .command(name)
    .summary(summary)
    .description([sentenceOf(summary), details ?? ''].join(' ').trim())
    .addHelpText('after', `${examplesOf(examples)}\n${exitCodes}`);
  addOptions(target, options, argv);
  if (operand !== undefined) target.addArgument(argumentOf(operand));
  // Our own sentence for arguments that are too many, instead of commander's count.
  target.allowExcessArguments().action(() => {
    throwIfTooMany(command, target.args);
    return onParsed({ command, options: optionsOf(target.optsWithGlobals()), operand: target.args[0] });
  });
}

/** The command `help`. Commander's own prints the help of the program for a command that it does not find. */
function addHelpCommand(program: CommanderCommand): void {
  program
    .command('help [COMMAND]')
    .summary('print help on a command')
    .action((name: string | undefined) => {
      if (name === undefined) program.help();
      const found = program.commands.find((command) => command.name() === name);
      if (found === undefined) throw unknownCommand(name);
      found.help();
    });
}

function createProgram(
  { argv, version, stdout, stderr }: ParserWorld,
  onParsed: (parsed: Parsed) => Promise<void>,
): CommanderCommand {
  const width = () => stdout.columns ?? 100;
  const program = new CommanderCommand(PROGRAM)
    .description(PURPOSE)
    .usage('COMMAND [options]')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // The caller writes a failure, as one sentence.
      outputError: () => undefined,
      getOutHelpWidth: width,
      getErrHelpWidth: width,
    })
    .addHelpText('after', `${examplesOf(PROGRAM_EXAMPLES)}\n${exitCodes}\n\n${ENDPOINT_HINT}`);
  addOptions(program, GLOBAL_OPTIONS, argv);
  for (const command of COMMANDS) addCommand(program, command, argv, onParsed);
  addHelpCommand(program);
  return program;
}

const ALL_OPTIONS = [GLOBAL_OPTIONS, ...COMMANDS.map(({ options }) => options)].flatMap(Object.entries<OptionSpec>);

/** A better sentence than commander's for some unknown options. */
function unknownOptionSentence(argv: readonly string[]): string | undefined {
  const names = argv.filter((word) => word.startsWith('--')).map((word) => word.split('=', 1)[0]);
  const renamed = ALL_OPTIONS.find(
    ([, { formerName }]) => formerName !== undefined && names.includes(`--${formerName}`),
  );
  if (renamed !== undefined) return `--${renamed[1].formerName} is called --${renamed[0]} now`;
  const flag = ALL_OPTIONS.find(
    ([name, { type }]) => type === 'boolean' && argv.some((word) => word.startsWith(`--${name}=`)),
  );
  return flag === undefined ? undefined : `--${flag[0]} takes no value`;
}

/** Commander's failure in one line, without its prefix. */
function usageSentence({ code, message }: CommanderError, argv: readonly string[]): string {
  const special = code === 'commander.unknownOption' ? unknownOptionSentence(argv) : undefined;
  if (special !== undefined) return special;
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did (.*)\)$/, ': did $1')
    .replaceAll('\n', ' ');
}

/**
 * Parse the arguments and run what they ask for.
 *
 * @returns the exit code: of the command, or of help and version, which are printed here
 * @throws {CliFailure} with one sentence that names the wrong argument, and the nearest right one
 */
export async function runProgram(world: ParserWorld, run: (parsed: Parsed) => Promise<number>): Promise<number> {
  let exitCode: number = EXIT_CODES.success;
  const program = createProgram(world, async (parsed) => {
    exitCode = await run(parsed);
  });
  try {
    await program.parseAsync([...world.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT_CODES.success;
    // Without a command the help has been printed already.
    if (error.code === 'commander.help') return EXIT_CODES.usage;
    throw usageFailure(usageSentence(error, world.argv));
  }
}
