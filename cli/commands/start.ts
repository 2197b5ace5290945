import { EXIT_CODES } from '../failure.ts';
import { type Command, INVOCATION } from './command.ts';
import { readInput } from './execution-input.ts';
import { startUpgrade } from './executions.ts';
import { followUpgrade } from './follow.ts';
import { INPUT_OPTIONS } from './input-options.ts';

export const start: Command = {
  name: 'start',
  summary: 'start an upgrade',
  options: {
    ...INPUT_OPTIONS,
    'dry-run': { type: 'boolean', description: 'plan only, change nothing' },
    name: { type: 'string', value: 'NAME', description: 'name of the execution; default: group, time and user' },
    watch: { type: 'boolean', description: 'follow it to its end' },
  },
  details:
    'The input is checked before anything is started. With --nodegroups, one run upgrades several groups of the cluster, each in its own execution.',
  examples: [
    'start --cluster shop --auto-scaling-group workers --watch',
    'start --cluster shop --auto-scaling-group workers --max-unavailable 10% --canary-nodes 2 --canary-bake-seconds 600',
    'start --cluster shop --auto-scaling-group workers --launch-template-version 7',
    'start --cluster shop --nodegroups all --max-parallel-nodegroups 2',
    'start --input upgrade.json --json',
  ],
  async run(context) {
    const { options, stdout } = context;
    const input = await readInput(options, context, options.flag('dry-run') ? { dryRun: true } : {});
    const { executionArn, name } = await startUpgrade(context, input);
    if (options.flag('json')) stdout.write(`${JSON.stringify({ executionArn, name })}\n`);
    else stdout.write(`Started ${executionArn}\n`);
    if (options.flag('watch')) return followUpgrade(context, executionArn, options.flag('json') ? 'json' : 'auto');
    if (!options.flag('json')) stdout.write(`Follow it with: ${INVOCATION} watch ${name}\n`);
    return EXIT_CODES.success;
  },
};
