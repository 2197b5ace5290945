import type { Command } from './command.ts';
import { resolveExecution } from './executions.ts';
import { followUpgrade } from './follow.ts';

export const watch: Command = {
  name: 'watch',
  summary: 'follow an upgrade as it goes',
  operands: '[EXECUTION]',
  maxOperands: 1,
  options: {},
  details: [
    'EXECUTION is an ARN or a name; default: the newest one. All it shows comes from the execution history.',
    'Without a terminal it prints a line per event; with --json a JSON object per line.',
  ],
  examples: ['watch', 'watch workers-20260120-101500-by-ana-3f2a', 'watch --json | jq .'],
  run: async (context) =>
    followUpgrade(context, await resolveExecution(context), context.options.flag('json') ? 'json' : 'auto'),
};
