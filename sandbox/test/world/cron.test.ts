import assert from 'node:assert/strict';
import { nextInstant, parseCron } from '../../world/cron.ts';

/** A Sunday. */
const AFTER = Date.parse('2026-01-04T03:00:00Z');

describe('a cron expression', () => {
  const cases: readonly [expression: string, next: string][] = [
    ['0 22 * * *', '2026-01-04T22:00:00Z'],
    ['0 3 * * *', '2026-01-05T03:00:00Z'],
    ['*/15 * * * *', '2026-01-04T03:15:00Z'],
    ['30 6 * * 1-5', '2026-01-05T06:30:00Z'],
    ['0 0 * * SAT', '2026-01-10T00:00:00Z'],
    ['0 12 1 JUL *', '2026-07-01T12:00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00Z'],
    ['0 0 15 * 7', '2026-01-11T00:00:00Z'],
    ['5,10 4 * * *', '2026-01-04T04:05:00Z'],
  ];
  for (const [expression, next] of cases)
    it(`${expression} comes next at ${next}`, () => {
      const cron = parseCron(expression);
      assert.ok(cron);
      assert.equal(nextInstant(cron, AFTER), Date.parse(next));
    });

  for (const expression of ['', '0 22 * *', '60 * * * *', '0 25 * * *', '5-1 * * * *', '*/0 * * * *', 'a * * * *'])
    it(`"${expression}" is none`, () => assert.equal(parseCron(expression), undefined));

  it('that names no day at all never comes', () => {
    const cron = parseCron('0 0 30 2 *');
    assert.ok(cron);
    assert.equal(nextInstant(cron, AFTER), undefined);
  });
});
