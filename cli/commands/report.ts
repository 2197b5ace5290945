import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nearest } from '../../domain/input/nearest.ts';
import type { AnyReport } from '../../report/cluster/model.ts';
import { RENDERERS } from '../../report/report.ts';
import { EXIT_CODES, usageFailure } from '../failure.ts';
import type { Command, Options } from './command.ts';
import { EXECUTION, resolveExecution } from './executions.ts';
import { fetchReport } from './follow.ts';

/** How a report is written, by format. */
const FORMATS: Readonly<Record<string, { extension: string; render: (report: AnyReport) => string }>> = {
  html: { extension: 'html', render: RENDERERS.html },
  markdown: { extension: 'md', render: RENDERERS.markdown },
  json: { extension: 'json', render: RENDERERS.json },
};

function formatOf(options: Options) {
  const wanted = options.text('format') ?? (options.flag('json') ? 'json' : 'html');
  const format = FORMATS[wanted];
  if (format !== undefined) return format;
  const near = nearest(wanted, Object.keys(FORMATS));
  throw usageFailure(
    `--format must be html, markdown or json, not "${wanted}"${near === undefined ? '' : `: did you mean ${near}?`}`,
  );
}

export const report: Command = {
  name: 'report',
  summary: 'write a report on an upgrade, running or ended',
  operand: EXECUTION,
  options: {
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: ['html', 'markdown', 'json'],
      description: 'html (default), markdown or json',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE|-',
      description:
        'file to write, - for standard output; default: named after the execution, in out/ or the current folder',
    },
  },
  details: 'Everything in it comes from the execution history.',
  examples: [
    'report',
    'report --format markdown --output - | gh issue comment 12 --body-file -',
    'report --json | jq .counts',
  ],
  async run(context) {
    const { options, stdout } = context;
    const format = formatOf(options);
    const made = await fetchReport(context, await resolveExecution(context));
    const wanted = options.text('output') ?? (options.flag('json') ? '-' : undefined);
    if (wanted === '-') {
      stdout.write(format.render(made));
      return EXIT_CODES.success;
    }
    const file = wanted ?? `${existsSync('out') ? 'out/' : ''}upgrade-${made.execution.name}.${format.extension}`;
    const path = resolve(file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, format.render(made));
    } catch (error) {
      throw usageFailure(`the report cannot be written to ${path}: ${(error as Error).message}`);
    }
    stdout.write(`${path}\n`);
    return EXIT_CODES.success;
  },
};
