import { buildAnyReport } from '../../report/cluster/cluster.ts';
import type { AnyReport } from '../../report/cluster/model.ts';
import { createDisplay, type DisplayOptions } from '../display/display.ts';
import { runSummary, runView } from '../display/run-view.ts';
import { EXIT_CODES } from '../failure.ts';
import { createHistorySource } from '../history-source.ts';
import type { CommandContext } from './command.ts';

const POLL_SECONDS = 1;

/** The exit code that says how an upgrade ended. */
export function exitCodeOf({ status, failure }: Pick<AnyReport, 'status' | 'failure'>): number {
  if (status === 'SUCCEEDED') return EXIT_CODES.success;
  return failure?.error === 'InvalidInput' ? EXIT_CODES.usage : EXIT_CODES.upgradeFailed;
}

/** The report of an execution so far. */
export async function fetchReport(context: CommandContext, executionArn: string): Promise<AnyReport> {
  return buildAnyReport(await createHistorySource(await context.executions(), executionArn).fetch());
}

/**
 * Fetch an execution again and again until it has ended or the user interrupts.
 *
 * @returns its last report
 */
export async function pollReport(
  context: CommandContext,
  executionArn: string,
  onReport: (report: AnyReport) => void,
): Promise<AnyReport> {
  const source = createHistorySource(await context.executions(), executionArn);
  for (;;) {
    const report = buildAnyReport(await source.fetch());
    onReport(report);
    if (report.status !== 'RUNNING' || context.signal.aborted) return report;
    await context.sleep(POLL_SECONDS);
    if (context.signal.aborted) return report;
  }
}

/** Show an execution until it has ended. @returns the exit code */
export async function followUpgrade(
  context: CommandContext,
  executionArn: string,
  form: NonNullable<DisplayOptions['form']>,
): Promise<number> {
  const { stdout, stderr, env } = context;
  const display = createDisplay({ stream: stdout, env, form });
  try {
    const report = await pollReport(context, executionArn, (each) => display.show(runView(each)));
    if (report.status === 'RUNNING') {
      display.close();
      stderr.write('Stopped watching; the upgrade continues.\n');
      return EXIT_CODES.interrupted;
    }
    display.close();
    if (form !== 'json') stdout.write(`\n${runSummary(runView(report)).join('\n')}\n`);
    return exitCodeOf(report);
  } finally {
    display.close();
  }
}
