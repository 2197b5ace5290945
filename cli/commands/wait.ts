import { EXIT_CODES } from '../failure.ts';
import type { Command } from './command.ts';
import { EXECUTION, resolveExecution } from './executions.ts';
import { exitCodeOf, fetchReport } from './follow.ts';

const POLL_SECONDS = 2;

export const wait: Command = {
  name: 'wait',
  summary: 'wait until an upgrade has ended, then print its outcome',
  operand: EXECUTION,
  options: {},
  examples: ['wait', 'wait workers-20260120-101500-by-ana-3f2a && ./smoke-test'],
  async run(context) {
    const executionArn = await resolveExecution(context);
    const executions = await context.executions();
    const pause = async (): Promise<boolean> => {
      await context.sleep(POLL_SECONDS);
      return !context.signal.aborted;
    };
    while ((await executions.describe(executionArn)).status === 'RUNNING') {
      if (!(await pause())) return EXIT_CODES.interrupted;
    }
    let report = await fetchReport(context, executionArn);
    // The one that was named may only be a part of the run.
    while (report.status === 'RUNNING') {
      if (!(await pause())) return EXIT_CODES.interrupted;
      report = await fetchReport(context, executionArn);
    }
    const { status, headline, failure } = report;
    const line = context.options.flag('json')
      ? JSON.stringify({
          executionArn,
          status,
          headline,
          ...(failure === undefined ? {} : { error: failure.error, cause: failure.cause }),
        })
      : headline;
    context.stdout.write(`${line}\n`);
    return exitCodeOf(report);
  },
};
