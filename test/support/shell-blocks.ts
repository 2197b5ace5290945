/** A block of shell commands of a Markdown page, as its fence describes it. */
export interface ShellBlock {
  readonly commands: string;
  /** `owner` on the fence: one of the commands of the owner's own text. */
  readonly isOwners: boolean;
  /** `terminal=NAME`: it runs beside the others. */
  readonly terminal: string | undefined;
  /** `exit=N`: the exit code it must end with; 0 unless given. */
  readonly exitCode: number;
  /** The block of `text output` that follows it at once: what it prints. */
  readonly output: string | undefined;
}

const FENCE = /^```sh([^\n]*)\n([\s\S]*?)^```$(?:\n+^```text output\n([\s\S]*?)^```$)?/gm;

/** Read the shell commands of a page, in order. */
export const shellBlocksOf = (markdown: string): ShellBlock[] =>
  [...markdown.matchAll(FENCE)].map(([, info = '', commands = '', output]) => ({
    commands,
    isOwners: /\bowner\b/.test(info),
    terminal: /\bterminal=(\w+)/.exec(info)?.[1],
    exitCode: Number(/\bexit=(\d+)/.exec(info)?.[1] ?? '0'),
    output,
  }));
