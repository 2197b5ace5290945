import { type Complete, RootCommand, type Command as TabCommand } from '@bomb.sh/tab';
import type { OptionSpecs } from './commands/command.ts';
import { COMMANDS, GLOBAL_OPTIONS } from './commands/commands.ts';

/** Offers the values of an option or an operand. */
const offer =
  (choices: readonly string[] = []) =>
  (complete: Complete): void => {
    for (const choice of choices) complete(choice, '');
  };

function addOptions(command: TabCommand, specs: OptionSpecs): void {
  for (const [name, { type, choices, description, short }] of Object.entries(specs)) {
    if (type === 'string') command.option(name, description, offer(choices), short);
    else command.option(name, description, short);
  }
}

/** Everything that can be completed, from the commands as `--help` shows them. */
function completions(): RootCommand {
  const root = new RootCommand();
  addOptions(root, GLOBAL_OPTIONS);
  for (const { name, summary, options, operand } of COMMANDS) {
    const command = root.command(name, summary);
    addOptions(command, { ...options, ...GLOBAL_OPTIONS, help: { type: 'boolean', short: 'h', description: 'help' } });
    if (operand !== undefined) command.argument(operand.name, offer(operand.choices));
  }
  return root;
}

/** Print the completions of the last word to standard output. @param words after the program's name */
export const printCompletions = (words: readonly string[]): void => completions().parse([...words]);
