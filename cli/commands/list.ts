import { duration, instantText } from '../../report/model/text.ts';
import { millisecondsOf } from '../../report/read/history.ts';
import { columns } from '../display/cells.ts';
import { EXIT_CODES } from '../failure.ts';
import type { Command } from './command.ts';
import { listAllExecutions } from './executions.ts';

const MOST_ROWS = 30;

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

export const list: Command = {
  name: 'list',
  summary: 'list upgrades of groups and of clusters, newest first',
  options: {},
  examples: ['list', 'list --json'],
  async run(context) {
    const items = await listAllExecutions(context);
    const rows = items.slice(0, MOST_ROWS).map(({ executionArn, name = '', status = '', startDate, stopDate }) => {
      const [startedAt, stoppedAt] = [millisecondsOf(startDate), millisecondsOf(stopDate)];
      return { executionArn, name, status, startedAt, stoppedAt };
    });
    if (context.options.flag('json')) {
      const plain = rows.map((row) => ({ ...row, startedAt: iso(row.startedAt), stoppedAt: iso(row.stoppedAt) }));
      context.stdout.write(`${JSON.stringify(plain, null, 2)}\n`);
      return EXIT_CODES.success;
    }
    const cells = rows.map(({ name, status, startedAt, stoppedAt }) => [
      name,
      status,
      startedAt === undefined ? '' : instantText(new Date(startedAt).toISOString()),
      startedAt === undefined || stoppedAt === undefined ? '' : duration((stoppedAt - startedAt) / 1000),
    ]);
    const lines =
      rows.length === 0
        ? ['No upgrade has been started yet.']
        : columns([['NAME', 'STATUS', 'STARTED', 'TOOK'], ...cells]);
    context.stdout.write(`${lines.join('\n')}\n`);
    return EXIT_CODES.success;
  },
};
