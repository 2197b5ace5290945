import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  launchesToCover,
  limitBySurge,
  mayAbsorb,
  requiredReadyNodes,
  resolveParallelism,
  resolveSurge,
} from '../../domain/capacity.ts';

describe('the parallelism', () => {
  type Row = [
    title: string,
    config: Parameters<typeof resolveParallelism>[0],
    outdated: number,
    nodes: number,
    rule: string,
  ];
  const share = (percentage: number, outdated: number) =>
    `${percentage} % of ${outdated} outdated nodes, rounded down, at least 1`;
  const rows: Row[] = [
    ['is one node when nothing is asked for', {}, 30, 1, 'one at a time by default'],
    ['is the number asked for', { maxUnavailable: 5 }, 30, 5, 'maxUnavailable 5'],
    ['is a percentage of the outdated nodes', { maxUnavailablePercentage: 33 }, 100, 33, share(33, 100)],
    ['is a percentage rounded down', { maxUnavailablePercentage: 33 }, 11, 3, share(33, 11)],
    ['is exact where the percentage is', { maxUnavailablePercentage: 29 }, 100, 29, share(29, 100)],
    ['is at least one node, however small the percentage', { maxUnavailablePercentage: 1 }, 5, 1, share(1, 5)],
    ['is every node at 100 %', { maxUnavailablePercentage: 100 }, 7, 7, share(100, 7)],
    [
      'is at most what EKS allows, also as a percentage',
      { maxUnavailablePercentage: 50 },
      1000,
      100,
      `${share(50, 1000)}, limited by the most EKS allows`,
    ],
    [
      'is no more than there are outdated nodes',
      { maxUnavailable: 50 },
      3,
      3,
      'maxUnavailable 50, limited by the outdated nodes',
    ],
    ['is one node when nothing is outdated', {}, 0, 1, 'one at a time by default'],
    ['is one node when a percentage of nothing is asked for', { maxUnavailablePercentage: 50 }, 0, 1, share(50, 0)],
  ];
  for (const [title, config, outdated, nodes, rule] of rows) {
    it(title, () => assert.deepEqual(resolveParallelism(config, outdated), { nodes, rule }));
  }

  const limits: [title: string, surge: number, config: Parameters<typeof limitBySurge>[2], nodes: number][] = [
    ['is limited to a smaller surge, which is all that can be missed', 3, {}, 3],
    ['is not limited by a surge of its size', 5, {}, 5],
    ['is not limited by a larger surge', 10, {}, 5],
    ['is not limited under MINIMAL, which adds no capacity', 0, { updateStrategy: 'MINIMAL' }, 5],
    ['is not limited to nothing when nothing is outdated', 0, {}, 5],
  ];
  for (const [title, surge, config, nodes] of limits) {
    it(title, () => {
      const limited = limitBySurge({ nodes: 5, rule: 'maxUnavailable 5' }, { nodes: surge, rule: '' }, config);
      const rule = nodes === 5 ? 'maxUnavailable 5' : `maxUnavailable 5, limited by a surge of ${nodes}`;
      assert.deepEqual(limited, { nodes, rule });
    });
  }
});

describe('the surge', () => {
  const zones = ['a', 'b', 'c'];
  const even = (each: number) => new Map(zones.map((zone) => [zone, each]));
  const wide = { config: {}, parallelism: 1, outdated: 30, zones, counts: even(10) };
  type Row = [title: string, facts: Partial<Parameters<typeof resolveSurge>[0]>, nodes: number, rule: string];
  const larger = (parallelism: number) => `the larger of 2 × 3 zones and 2 × parallelism ${parallelism}`;
  const rows: Row[] = [
    ['is two nodes for each zone', {}, 6, larger(1)],
    ['is twice a larger parallelism, so that booting hides behind draining', { parallelism: 8 }, 16, larger(8)],
    [
      'is no more than the outdated nodes',
      { parallelism: 8, outdated: 9, counts: even(3) },
      9,
      `${larger(8)}, limited by 9 outdated nodes`,
    ],
    ['is what the input says, before any rule', { config: { surge: 40 } }, 40, 'surge 40, as the input says'],
    [
      'is nothing under MINIMAL, whatever the input says',
      { config: { surge: 40, updateStrategy: 'MINIMAL' } },
      0,
      'MINIMAL adds no capacity',
    ],
    ['is nothing when nothing is outdated', { outdated: 0 }, 0, 'nothing is outdated'],
    [
      'covers each zone that holds outdated nodes, though few nodes are outdated',
      { outdated: 1, counts: new Map([['a', 1]]) },
      5,
      '5, so that every zone with outdated nodes gets a new one',
    ],
    [
      'does not fill a lopsided group up to cover a full zone',
      { outdated: 1, counts: new Map([['a', 50]]) },
      6,
      '6, so that every zone with outdated nodes gets a new one',
    ],
    [
      'does not cover again what an earlier run has renewed',
      { outdated: 1, counts: even(1), renewed: zones },
      1,
      `${larger(1)}, limited by 1 outdated nodes`,
    ],
  ];
  for (const [title, facts, nodes, rule] of rows) {
    it(title, () => assert.deepEqual(resolveSurge({ ...wide, ...facts }), { nodes, rule }));
  }
});

describe('launchesToCover', () => {
  const zones = ['a', 'b', 'c', 'd'];
  const group = fc.record({
    zones: fc.subarray(zones, { minLength: 1 }),
    counts: fc
      .array(fc.nat(6), { minLength: 4, maxLength: 4 })
      .map((all) => new Map(zones.map((z, i) => [z, all[i] ?? 0]))),
    renewed: fc.subarray(zones),
  });
  const waiting = (facts: { zones: string[]; counts: ReadonlyMap<string, number>; renewed: string[] }) =>
    facts.zones.filter((zone) => (facts.counts.get(zone) ?? 0) > 0 && !facts.renewed.includes(zone));

  /** A balanced Auto Scaling group launches in a zone with the fewest; of equals, in the one that is chosen. */
  function launch(
    facts: { zones: string[]; counts: ReadonlyMap<string, number> },
    times: number,
    choose: (equals: string[]) => string,
  ): Set<string> {
    const counts = new Map(facts.zones.map((zone) => [zone, facts.counts.get(zone) ?? 0]));
    const covered = new Set<string>();
    for (let launched = 0; launched < times; launched += 1) {
      const fewest = Math.min(...counts.values());
      const zone = choose(facts.zones.filter((candidate) => counts.get(candidate) === fewest));
      counts.set(zone, fewest + 1);
      covered.add(zone);
    }
    return covered;
  }

  it('launches enough for every zone with outdated nodes, however the group breaks its ties', () => {
    fc.assert(
      fc.property(group, fc.array(fc.nat(3), { minLength: 1 }), (facts, picks) => {
        let turn = 0;
        const choose = (equals: string[]) => equals[(picks[turn++ % picks.length] as number) % equals.length] as string;
        const covered = launch(facts, launchesToCover(facts.counts, facts.zones, facts.renewed), choose);
        assert.deepEqual(
          waiting(facts).filter((zone) => !covered.has(zone)),
          [],
        );
      }),
      { numRuns: 400, seed: 5 },
    );
  });

  it('launches not one more than the most unlucky group needs', () => {
    fc.assert(
      fc.property(group, (facts) => {
        const wanted = waiting(facts);
        const last = wanted.reduce<string | undefined>(
          (fullest, zone) =>
            fullest === undefined || (facts.counts.get(zone) ?? 0) > (facts.counts.get(fullest) ?? 0) ? zone : fullest,
          undefined,
        );
        const launches = launchesToCover(facts.counts, facts.zones, facts.renewed);
        if (last === undefined) return assert.equal(launches, 0);
        const spite = (equals: string[]) => equals.find((zone) => zone !== last) ?? last;
        return assert.ok(!launch(facts, launches - 1, spite).has(last), `${last} is covered too early`);
      }),
      { numRuns: 400, seed: 6 },
    );
  });
});

describe('the capacity gate', () => {
  type Row = [title: string, facts: Partial<Parameters<typeof requiredReadyNodes>[0]>, required: number];
  const rows: Row[] = [
    ['asks for the original nodes and one for each drain', {}, 14],
    ['asks for one for each node that is left, when fewer are left', { outdatedLeft: 2 }, 12],
    ['asks for the original nodes alone when none is left', { outdatedLeft: 0 }, 10],
    ['asks for the original nodes alone under MINIMAL', { updateStrategy: 'MINIMAL' }, 10],
  ];
  const wide = { updateStrategy: 'DEFAULT', originalDesired: 10, parallelism: 4, outdatedLeft: 10 } as const;
  for (const [title, facts, required] of rows) {
    it(title, () => assert.equal(requiredReadyNodes({ ...wide, ...facts }), required));
  }

  const start = fc.record({
    updateStrategy: fc.constantFrom('DEFAULT' as const, 'MINIMAL' as const),
    originalDesired: fc.integer({ min: 1, max: 12 }),
    parallelism: fc.integer({ min: 1, max: 6 }),
    surge: fc.nat(12),
  });
  type Event = 'look' | 'drain' | 'terminate' | 'absorb' | 'boot';
  const events = fc.array(fc.constantFrom<Event>('look', 'drain', 'terminate', 'absorb', 'boot'), {
    minLength: 40,
    maxLength: 120,
  });

  it('keeps the original nodes free of drains, in whatever order nodes look, drain, leave and boot', () => {
    let drained = 0;
    fc.assert(
      fc.property(start, events, ({ updateStrategy, originalDesired, parallelism, surge }, order) => {
        const floor = updateStrategy === 'MINIMAL' ? Math.max(0, originalDesired - parallelism) : originalDesired;
        let outdated = originalDesired;
        let ready = originalDesired + (updateStrategy === 'MINIMAL' ? 0 : surge);
        let booting = 0;
        // Admitted nodes may start late: other nodes look, drain and leave in between.
        let admitted = 0;
        let draining = 0;
        const leave = () => {
          draining -= 1;
          outdated -= 1;
          ready -= 1;
        };
        for (const event of order) {
          if (event === 'look' && admitted + draining < Math.min(parallelism, outdated)) {
            const required = requiredReadyNodes({
              updateStrategy,
              originalDesired,
              parallelism,
              outdatedLeft: outdated,
            });
            if (ready >= required) admitted += 1;
          } else if (event === 'drain' && admitted > 0) {
            admitted -= 1;
            draining += 1;
            drained += 1;
          } else if (event === 'terminate' && draining > 0) {
            leave();
            booting += 1;
          } else if (event === 'absorb' && draining > 0) {
            leave();
          } else if (event === 'boot' && booting > 0) {
            booting -= 1;
            ready += 1;
          }
          assert.ok(ready - draining >= floor, `${ready} Ready, ${draining} of them draining, floor ${floor}`);
        }
      }),
      { numRuns: 500, seed: 7 },
    );
    assert.ok(drained > 500, `${drained} drains were tried`);
  });
});

describe('a surge node', () => {
  const run = { originalDesired: 10, parallelism: 2 };
  const cases: [title: string, desiredCapacity: number, othersOutdated: number, expected: boolean][] = [
    ['stays while it covers nodes that are yet to drain', 12, 5, false],
    ['goes when those that stay cover the drains', 13, 5, true],
    ['goes with the last outdated node', 11, 0, true],
    ['stays when the last but one would have no cover', 11, 1, false],
    ['does not exist when somebody has lowered the group', 10, 0, false],
  ];
  for (const [title, desiredCapacity, othersOutdated, expected] of cases) {
    it(title, () => assert.equal(mayAbsorb({ ...run, desiredCapacity, othersOutdated }), expected));
  }

  it('goes exactly when the gate still opens for the others without it', () => {
    const facts = fc.record({
      desiredCapacity: fc.nat(20),
      originalDesired: fc.nat(12),
      parallelism: fc.integer({ min: 1, max: 6 }),
      othersOutdated: fc.nat(12),
    });
    fc.assert(
      fc.property(facts, (given) => {
        const required = requiredReadyNodes({
          ...given,
          updateStrategy: 'DEFAULT',
          outdatedLeft: given.othersOutdated,
        });
        assert.equal(mayAbsorb(given), given.desiredCapacity - 1 >= required);
      }),
      { numRuns: 300, seed: 8 },
    );
  });
});
