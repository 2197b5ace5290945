import { buildReport } from '../../domain/report/from-history.ts';
import type { Report } from '../../domain/report/model.ts';
import { EXIT_CODES } from '../cli-failure.ts';
import { createHistorySource } from '../history-source.ts';
import { summaryLines } from '../progress/changes.ts';
import { createDisplay, type DisplayOptions } from '../progress/display.ts';
import { progressView } from '../progress/view.ts';
import type { CommandContext } from './command.ts';

const POLL_SECONDS = 1;

/** The exit code that says how an upgrade ended. */
export function exitCodeOf({ status, failure }: Pick<Report, 'status' | 'failure'>): number {
  if (status === 'SUCCEEDED') return EXIT_CODES.success;
  return failure?.error === 'InvalidInput' ? EXIT_CODES.usage : EXIT_CODES.upgradeFailed;
}

/** The report of an execution as it stands. */
export async function fetchReport(context: CommandContext, executionArn: string): Promise<Report> {
  return buildReport(await createHistorySource(context.stepFunctions(), executionArn).fetch());
}

/**
 * Look at an execution again and again until it has ended or the user interrupts.
 *
 * @returns its last report
 */
export async function pollReport(
  context: CommandContext,
  executionArn: string,
  onReport: (report: Report) => void,
): Promise<Report> {
  const source = createHistorySource(context.stepFunctions(), executionArn);
  for (;;) {
    const report = buildReport(await source.fetch());
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
    const report = await pollReport(context, executionArn, (each) => display.show(progressView(each)));
    if (report.status === 'RUNNING') {
      display.close();
      stderr.write('Stopped watching; the upgrade goes on.\n');
      return EXIT_CODES.interrupted;
    }
    display.close();
    if (form !== 'json') stdout.write(`\n${summaryLines(progressView(report)).join('\n')}\n`);
    return exitCodeOf(report);
  } finally {
    display.close();
  }
}
