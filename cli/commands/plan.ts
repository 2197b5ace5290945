import { isClusterReport } from '../../report/cluster/model.ts';
import { planIn } from '../../report/read/plan.ts';
import { wantsColour } from '../display/display.ts';
import { EXIT_CODES } from '../failure.ts';
import { printClusterPlan } from './cluster-plan.ts';
import type { Command } from './command.ts';
import { readInput, scopeOf } from './execution-input.ts';
import { startUpgrade } from './executions.ts';
import { exitCodeOf, pollReport } from './follow.ts';
import { INPUT_OPTIONS } from './input-options.ts';
import { planText } from './plan-text.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'show what an upgrade would do, and what would block it',
  options: INPUT_OPTIONS,
  details:
    'It runs the workflow as a dry run, which changes nothing, and prints the plan; --json prints the whole plan.',
  examples: [
    'plan --cluster shop --auto-scaling-group workers',
    'plan --cluster shop --auto-scaling-group workers --max-unavailable 10% --json',
    'plan --cluster shop --nodegroups all',
  ],
  async run(context) {
    const { options, stdout, stderr, env } = context;
    const input = await readInput(options, context, { dryRun: true });
    const { executionArn } = await startUpgrade(context, input);
    if (scopeOf(input) === 'cluster') return printClusterPlan(context, executionArn);
    const report = await pollReport(context, executionArn, () => undefined);
    if (report.status === 'RUNNING') return EXIT_CODES.interrupted;
    if (isClusterReport(report) || report.status !== 'SUCCEEDED' || report.plan === undefined) {
      stderr.write(
        `${report.failure?.error ?? report.status}: ${report.failure?.cause ?? 'the execution has no plan'}\n`,
      );
      return report.status === 'SUCCEEDED' ? EXIT_CODES.upgradeFailed : exitCodeOf(report);
    }
    if (options.flag('json')) {
      const { output } = await (await context.executions()).describe(executionArn);
      stdout.write(`${JSON.stringify(planIn(output) ?? report.plan, null, 2)}\n`);
    } else {
      const lines = planText(report.plan, { columns: stdout.columns ?? 100, colour: wantsColour(stdout, env) });
      stdout.write(`${lines.join('\n')}\n`);
    }
    return EXIT_CODES.success;
  },
};
