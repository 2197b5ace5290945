import { EXIT_CODES } from '../cli-failure.ts';
import { wantsColour } from '../progress/display.ts';
import { speaksUtf8 } from '../progress/glyphs.ts';
import { renderProgress } from '../progress/render.ts';
import { progressView } from '../progress/view.ts';
import type { Command } from './command.ts';
import { resolveExecution } from './executions.ts';
import { fetchReport } from './follow.ts';

/** Room for every node: the picture scrolls, it is not redrawn. */
const ROWS = 10_000;

export const status: Command = {
  name: 'status',
  summary: 'show once where an upgrade stands',
  operands: '[EXECUTION]',
  maxOperands: 1,
  options: {},
  details: ['EXECUTION is an ARN or a name; default: the newest one.'],
  examples: ['status', 'status --json | jq .counts'],
  async run(context) {
    const { options, stdout, env } = context;
    const report = await fetchReport(context, await resolveExecution(context));
    const view = progressView(report);
    if (options.flag('json')) {
      const { status: state, headline, pauseReason, execution, update, phases, counts, heldPods, failure } = report;
      stdout.write(
        `${JSON.stringify({ status: state, headline, pauseReason, execution, update, phases, counts, heldPods, failure }, null, 2)}\n`,
      );
      return EXIT_CODES.success;
    }
    const screen = {
      columns: stdout.columns ?? 100,
      rows: ROWS,
      colour: wantsColour(stdout, env),
      unicode: speaksUtf8(env),
    };
    const why = report.failure === undefined ? [] : [report.failure.cause];
    stdout.write(`${[report.headline, ...why, '', ...renderProgress(view, screen)].join('\n')}\n`);
    return EXIT_CODES.success;
  },
};
