import type { Executions } from '../../clients/ports.ts';
import type { OutputStream } from '../display/terminal.ts';
import type { Reader } from '../reader.ts';

/** An option of a command, for parsing and for `--help`. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly isRepeatable?: boolean;
  readonly short?: string;
  /** How the value is shown, e.g. `N`. */
  readonly value?: string;
  readonly description: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

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
  readonly operands: readonly string[];
  /** Step Functions; made on first use, because it needs a region. */
  readonly executions: () => Promise<Executions>;
  /** Looks at AWS and at clusters with the user's own rights; made on first use. */
  readonly reader: () => Promise<Reader>;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the command's name, e.g. `[EXECUTION]`. */
  readonly operands: string;
  readonly maxOperands: number;
  readonly options: OptionSpecs;
  readonly details?: readonly string[];
  readonly examples: readonly string[];
  /** @returns the exit code */
  readonly run: (context: CommandContext) => Promise<number>;
}
