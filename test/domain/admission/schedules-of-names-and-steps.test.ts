import assert from 'node:assert/strict';
import { continuationName } from '../../../domain/admission/continuation.ts';
import { nodeExecutionName, runIdOf } from '../../../domain/admission/entry.ts';
import { bootPollSeconds, eventsAfter, gateSeconds, paceOf, stepSeconds } from '../../../domain/admission/pace.ts';
import { EXECUTION_ARN, NOW_AT } from '../builders.ts';
import { anEntry } from './entry-builders.ts';

const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();

describe('#32 names of executions', () => {
  const longest = `eks-${'Production_Workers.General Purpose '.repeat(7)}`.slice(0, 255);
  const name = (group: string, overrides = {}) =>
    nodeExecutionName(
      group,
      anEntry({ instanceId: 'i-0123456789abcdef0', runId: runIdOf(EXECUTION_ARN), ...overrides }),
    );

  it('have at most 58 characters for the longest group, and only those that are allowed', () => {
    assert.ok(name(longest).length <= 58, name(longest));
    assert.match(name(longest), /^[A-Za-z0-9-]+$/);
  });
  it('differ by instance, attempt and run', () => {
    const names = [
      name('w'),
      name('w', { attempt: 2 }),
      name('w', { instanceId: 'i-0123456789abcdef1' }),
      name('w', { runId: 'c0ffee00' }),
    ];
    assert.equal(new Set(names).size, 4);
  });
  it('are always the same for the same entry', () => assert.equal(name('w'), name('w')));
  it('of a run that goes on in another execution have at most 80 characters, and never the same one twice', () => {
    let arn = `arn:aws:states:eu-west-1:111122223333:execution:m:${'n'.repeat(80)}`;
    const seen = new Set<string>();
    for (let step = 0; step < 20; step += 1) {
      const next = continuationName(arn);
      assert.ok(next.length <= 80 && !seen.has(next), next);
      seen.add(next);
      arn = arn.replace(/[^:]*$/, next);
    }
  });
});

describe('#33 the length of a step', () => {
  const step = (facts: Partial<Parameters<typeof stepSeconds>[0]>) =>
    stepSeconds({ eventCount: 200, eventBudget: 20_000, outdated: 10, parallelism: 1, ...facts });
  it('is 4 minutes where events are plenty', () => assert.equal(step({}), 240));
  it('is longer where what is left would not fit, and 14 minutes at most', () => {
    assert.ok(step({ outdated: 5_000 }) > 500);
    assert.equal(step({ outdated: 5_000, eventCount: 19_900 }), 840);
    assert.equal(step({ eventCount: 20_000 }), 840);
  });
  it('lets 5,000 nodes, one at a time, 210 s each, fit into one history or continue in the next, far below 25,000 events', () => {
    let events = 0;
    let left = 5_000;
    let continuations = 0;
    while (left > 0) {
      left -= step({ eventCount: events, outdated: left }) / 210;
      events = eventsAfter(events, 0);
      assert.ok(events < 20_100, `${events} events`);
      if (events >= 20_000) [events, continuations] = [0, continuations + 1];
    }
    assert.ok(continuations <= 1, `${continuations} continuations`);
  });
  it('counts retries', () => assert.ok(eventsAfter(1_000, 3) > eventsAfter(1_000, 0)));
});

describe('how long the conductor waits at a gate', () => {
  const cases: [title: string, seconds: number, expected: number][] = [
    ['a minute at first', gateSeconds(undefined, undefined, NOW_AT), 60],
    ['a minute within the first hour', gateSeconds(at(-3_599), undefined, NOW_AT), 60],
    ['longer the longer it has been closed', gateSeconds(at(-36_000), undefined, NOW_AT), 600],
    ['26 minutes at most', gateSeconds(at(-30 * 86_400), undefined, NOW_AT), 1_560],
    ['not past its end', gateSeconds(at(-36_000), at(7), NOW_AT), 7],
    ['a second at least', gateSeconds(undefined, at(-5), NOW_AT), 1],
  ];
  for (const [title, seconds, expected] of cases) it(title, () => assert.equal(seconds, expected));

  it('lets a pause of 30 days fit into one history', () => {
    let events = 200;
    for (let passed = 0; passed < 30 * 86_400; passed += gateSeconds(at(-passed), undefined, NOW_AT))
      events = eventsAfter(events, 0);
    assert.ok(events < 25_000, `${events} events`);
  });
});

describe('how often what is read', () => {
  it('is every 3 s while the first new nodes of a small group boot, and every 15 s in a very large one', () => {
    assert.deepEqual([30, 400, 5_000].map(bootPollSeconds), [3, 8, 15]);
  });
  it('is every minute for a small group, and before a node is taken when it is older than 15 s; every 5 s while a node boots that is waited for', () => {
    const { freshSeconds, nodesSeconds, groupSeconds } = paceOf(30, 2);
    assert.deepEqual([freshSeconds, nodesSeconds, groupSeconds], [15, 60, 60]);
    assert.equal(paceOf(30, 2, 30).nodesSeconds, 5);
  });
  it('is as rare for a large group as the traffic allows, more often when many are upgraded at a time, never rarer than 5 minutes', () => {
    const seconds = (members: number, parallelism: number) => paceOf(members, parallelism).freshSeconds;
    assert.equal(seconds(5_000, 1), 300);
    assert.ok(seconds(5_000, 100) < 60);
    assert.ok(seconds(50_000, 1) <= 300);
  });
});
