import { type AnyReport, isClusterReport } from '../../report/cluster/model.ts';
import { wantsColour } from '../display/display.ts';
import { speaksUtf8 } from '../display/glyphs.ts';
import { renderRun, runView } from '../display/run-view.ts';
import { EXIT_CODES } from '../failure.ts';
import type { Command } from './command.ts';
import { EXECUTION, resolveExecution } from './executions.ts';
import { fetchReport } from './follow.ts';

/** Enough for every node: the output scrolls and is not redrawn. */
const ROWS = 10_000;

/** The state of a run for machines, without what only a report needs. */
function stateOf(report: AnyReport): object {
  const { status: state, headline, execution, failure } = report;
  if (isClusterReport(report)) {
    return { status: state, headline, execution, nodegroups: report.nodegroups, failure };
  }
  const { pauseReason, waitsFor, update, phases, counts, blockingPods } = report;
  return { status: state, headline, pauseReason, waitsFor, execution, update, phases, counts, blockingPods, failure };
}

export const status: Command = {
  name: 'status',
  summary: 'show the state of an upgrade once',
  operand: EXECUTION,
  options: {},
  examples: ['status', 'status --json | jq .counts'],
  async run(context) {
    const { options, stdout, env } = context;
    const report = await fetchReport(context, await resolveExecution(context));
    if (options.flag('json')) {
      stdout.write(`${JSON.stringify(stateOf(report), null, 2)}\n`);
      return EXIT_CODES.success;
    }
    const screen = {
      columns: stdout.columns ?? 100,
      rows: ROWS,
      colour: wantsColour(stdout, env),
      unicode: speaksUtf8(env),
    };
    const why = report.failure === undefined ? [] : [report.failure.cause];
    stdout.write(`${[report.headline, ...why, '', ...renderRun(runView(report), screen)].join('\n')}\n`);
    return EXIT_CODES.success;
  },
};
