import assert from 'node:assert/strict';
import { decideSlowBoots, describeSlowBoots, measureBoot } from '../../../domain/plan/slow-boots.ts';
import { aGroupNode, aNode, anInstance, anUnregisteredMember, NOW_AT } from '../builders.ts';

const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const booted = (instanceId: string, registered: number, ready?: number) =>
  aGroupNode({
    instanceId,
    isOutdated: false,
    isReady: ready !== undefined,
    node: aNode({ instanceId, createdAt: at(registered), readyChangedAt: at(ready ?? registered) }),
  });
const launch = (instanceId: string, seconds = 0) => anInstance({ instanceId, launchedAt: at(seconds) });

describe('measuring how long new nodes take to boot', () => {
  const rows: [
    title: string,
    members: Parameters<typeof measureBoot>[0],
    instances: Parameters<typeof measureBoot>[1],
    now: number,
    boot: number | undefined,
  ][] = [
    ['from launch to Ready', [booted('i-1', 40, 60)], [launch('i-1', 5)], 300, 55],
    [
      'by the slowest of those that are Ready',
      [booted('i-1', 40, 60), booted('i-2', 40, 420)],
      [launch('i-1'), launch('i-2')],
      430,
      420,
    ],
    [
      'not at all before one has registered',
      [anUnregisteredMember({ isOutdated: false })],
      [launch('i-1')],
      600,
      undefined,
    ],
    ['not yet when one has registered in good time', [booted('i-1', 40)], [launch('i-1')], 100, undefined],
    ['as soon as one registers late, with a minute until it is Ready', [booted('i-1', 345)], [launch('i-1')], 346, 405],
    ['as what has passed, when it is not Ready even then', [booted('i-1', 345)], [launch('i-1')], 500, 500],
    ['not by nodes that are to be replaced', [aGroupNode()], [launch('i-0000000000000001a', -3600)], 600, undefined],
    ['not by time before the surge was asked for', [booted('i-1', -900, 30)], [launch('i-1', -1_000)], 300, 30],
    ['not by an instance of which EC2 does not say when it was launched', [booted('i-1', 40, 60)], [], 300, undefined],
  ];
  for (const [title, members, instances, now, boot] of rows) {
    it(title, () => assert.equal(measureBoot(members, instances, NOW_AT, at(now)), boot));
  }
});

describe('raising the surge because nodes boot slowly', () => {
  const run = { parallelism: 6, surge: 18, roundSeconds: 90 };

  const rows: [title: string, facts: Partial<typeof run>, boot: number, outdated: number, nodes: number | undefined][] =
    [
      ['so that no drain waits for a boot', {}, 420, 60, 36],
      ['not when they boot as fast as assumed', {}, 120, 60, undefined],
      ['not for a few seconds more', { surge: 12, roundSeconds: 120 }, 130, 60, undefined],
      ['to no more than are outdated', {}, 420, 24, 24],
      ['not when there is one for each outdated node', {}, 420, 18, undefined],
      ['not when two for each zone are enough', { parallelism: 1, surge: 6 }, 420, 60, undefined],
      ['not under MINIMAL', { surge: 0 }, 420, 60, undefined],
    ];
  for (const [title, facts, boot, outdated, nodes] of rows) {
    it(title, () => assert.equal(decideSlowBoots({ ...run, ...facts }, boot, outdated)?.raised.nodes, nodes));
  }

  it('never when the input sets the surge', () =>
    assert.equal(decideSlowBoots({ parallelism: 6, surge: 18 }, 420, 60), undefined));

  it('with both costs: less time for more instances', () => {
    const slow = decideSlowBoots(run, 420, 60);
    assert.ok(slow !== undefined);
    assert.deepEqual(slow.planned, { nodes: 18, durationSeconds: 2120, extraInstanceHours: 10.6 });
    assert.deepEqual(slow.raised, { nodes: 36, durationSeconds: 1320, extraInstanceHours: 13.2 });
    assert.equal(
      describeSlowBoots(slow),
      'new nodes take about 420 s to boot, and the plan assumed 120 s: the surge is 36 (about 22 minutes, 13.2 extra instance hours) instead of 18 (about 35 minutes, 10.6 extra instance hours): parallelism 6 × (1 + ⌈boot 420 s / round 90 s⌉)',
    );
  });
});
