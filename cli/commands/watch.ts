import type { Command } from './command.ts';
import { EXECUTION, resolveExecution } from './executions.ts';
import { followUpgrade } from './follow.ts';

export const watch: Command = {
  name: 'watch',
  summary: 'follow an upgrade until it has ended',
  operand: EXECUTION,
  options: {},
  details:
    'Everything it shows comes from the execution history. Without a terminal it prints a line per event; with --json a JSON object per line.',
  examples: ['watch', 'watch workers-20260120-101500-by-ana-3f2a', 'watch --json | jq .'],
  run: async (context) =>
    followUpgrade(context, await resolveExecution(context), context.options.flag('json') ? 'json' : 'auto'),
};
