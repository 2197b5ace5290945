import { Argument, Command as CommanderCommand, CommanderError, Option } from 'commander';
import {
  type CliIo,
  type Command,
  type OptionSpec,
  type OptionSpecs,
  type Options,
  PROGRAM,
} from './commands/command.ts';
import { COMMANDS, ENDPOINT_HINT, GLOBAL_OPTIONS, PROGRAM_EXAMPLES, PURPOSE, sentenceOf } from './commands/commands.ts';
import { EXIT_CODES, EXIT_MEANINGS, usageFailure } from './failure.ts';

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
    examples.map((example) => `${PROGRAM} ${example}`),
  );

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
  if (operand !== undefined) {
    const argument = new Argument(operand.isRequired ? `<${operand.name}>` : `[${operand.name}]`, operand.description);
    target.addArgument(operand.choices === undefined ? argument : argument.choices(operand.choices));
  }
  target.action(() => onParsed({ command, options: optionsOf(target.optsWithGlobals()), operand: target.args[0] }));
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
    .helpCommand('help [COMMAND]', 'print help on a command')
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
