import type { Executions } from '../../clients/ports.ts';
import type { OutputStream } from '../display/terminal.ts';
import type { Reader } from '../reader.ts';

/** The program's name, as users type it. */
export const PROGRAM = 'eks-nodegroup-upgrade';

/** How the program is started where its package is installed: npm puts its name on no PATH. */
export const INVOCATION = `npx --no ${PROGRAM}`;

/** An option of a command: for the parser, `--help`, shell completion and docs/cli.md. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly isRepeatable?: boolean;
  readonly short?: string;
  /** A name that is refused with a sentence that says the new one. */
  readonly formerName?: string;
  /** How the value is shown, e.g. `N`. */
  readonly value?: string;
  /** Values for shell completion; whether a value is right is decided where it is used. */
  readonly choices?: readonly string[];
  readonly description: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What may follow a command's name. */
export interface OperandSpec {
  readonly name: string;
  readonly isRequired?: boolean;
  readonly choices?: readonly string[];
  readonly description: string;
}

/** Parsed options by name, without the dashes. */
export interface Options {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
}

/** The world as a command sees it. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All of standard input. */
  readonly readStdin: () => Promise<string>;
  readonly now: () => Date;
  /** Four hexadecimal digits, different on every call. */
  readonly suffix: () => string;
  /** Waits that long, or until `signal` fires. */
  readonly sleep: (seconds: number) => Promise<void>;
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal;
}

export interface CommandContext extends CliIo {
  readonly options: Options;
  readonly operand: string | undefined;
  /** Step Functions; made on first use, because it needs a region. */
  readonly executions: () => Promise<Executions>;
  /** Reaches AWS and clusters with the user's own rights; made on first use. */
  readonly reader: () => Promise<Reader>;
}

/** A command as data, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly operand?: OperandSpec;
  readonly options: OptionSpecs;
  /** Sentences after the summary. */
  readonly details?: string;
  /** Without the program's name. */
  readonly examples: readonly string[];
  /** @returns the exit code */
  readonly run: (context: CommandContext) => Promise<number>;
}
