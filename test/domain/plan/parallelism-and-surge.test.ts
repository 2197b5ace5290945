import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { UpgradeInput } from '../../../domain/input/input.ts';
import {
  launchesToCover,
  limitBySurge,
  resolveParallelism,
  resolveSurge,
  surgeOfEks,
  wantedSurge,
} from '../../../domain/plan/parallelism-and-surge.ts';
import { ZONES } from '../builders.ts';

type Config = UpgradeInput['updateConfig'];

describe('capacity: how many nodes at a time', () => {
  const cases: [title: string, config: Config, outdated: number, nodes: number, rule: RegExp][] = [
    ['takes one at a time when nothing is said', {}, 30, 1, /^one at a time by default$/],
    ['takes as many as maxUnavailable says', { maxUnavailable: 4 }, 30, 4, /^maxUnavailable 4$/],
    ['takes no more than are outdated', { maxUnavailable: 4 }, 2, 2, /maxUnavailable 4, limited by the outdated nodes/],
    ['takes a percentage of the outdated nodes', { maxUnavailablePercentage: 20 }, 30, 6, /^20 % of 30 outdated/],
    ['rounds a percentage down', { maxUnavailablePercentage: 33 }, 10, 3, /rounded down/],
    ['takes one at least, however small the percentage', { maxUnavailablePercentage: 1 }, 30, 1, /at least 1/],
    ['takes all at 100 %', { maxUnavailablePercentage: 100 }, 30, 30, /^100 % of 30/],
    ['takes 500 at a time when asked to', { maxUnavailable: 500 }, 5000, 500, /^maxUnavailable 500$/],
    ['says one for a group with nothing outdated', { maxUnavailable: 5 }, 0, 1, /limited by the outdated nodes/],
  ];
  for (const [title, config, outdated, nodes, rule] of cases) {
    it(title, () => {
      const resolved = resolveParallelism(config, outdated, 'workflow');
      assert.equal(resolved.nodes, nodes);
      assert.match(resolved.rule, rule);
    });
  }

  it('takes no more than 100 when EKS replaces the nodes', () =>
    assert.deepEqual(resolveParallelism({ maxUnavailablePercentage: 100 }, 5000, 'eks'), {
      nodes: 100,
      rule: '100 % of 5000 outdated nodes, rounded down, at least 1, limited by the most EKS allows',
    }));
});

describe('capacity: how many extra nodes', () => {
  const even = (each: number) => new Map(ZONES.map((zone) => [zone, each] as const));
  const cases: [title: string, facts: Partial<Parameters<typeof resolveSurge>[0]>, nodes: number, rule: RegExp][] = [
    ['adds two for each zone when few nodes go at a time', {}, 6, /^2 × 3 zones$/],
    [
      'adds a round of nodes, and as many as are replaced while one boots',
      { parallelism: 5 },
      15,
      /^parallelism 5 × \(1 \+ ⌈boot 120 s \/ round 90 s⌉\)$/,
    ],
    ['adds less when a round is longer than a boot', { parallelism: 5, roundSeconds: 180 }, 10, /round 180 s/],
    [
      'adds no more than are outdated, as long as every zone gets one',
      { outdated: 4, counts: even(10), renewed: ZONES },
      4,
      /limited by 4 outdated nodes$/,
    ],
    [
      'adds one for each zone even when one zone alone is outdated, since ties may fall the wrong way',
      { outdated: 1, counts: even(1), renewed: ZONES.slice(1) },
      3,
      /every zone with outdated nodes gets a new one$/,
    ],
    [
      'never adds more than two for each zone to reach a zone that is fuller than the others',
      { outdated: 3, counts: new Map([[ZONES[0], 3]]) },
      6,
      /every zone/,
    ],
    [
      'adds to the nodes that an earlier run has left where these are in other zones',
      {
        outdated: 2,
        counts: new Map([
          ['a', 2],
          ['b', 1],
          ['c', 1],
        ]),
        zones: ['a', 'b', 'c'],
        renewed: ['a', 'c'],
        standing: 2,
      },
      4,
      /every zone with outdated nodes gets a new one$/,
    ],
    [
      'counts the nodes that an earlier run has left where every zone has one',
      { outdated: 6, renewed: ZONES, standing: 6 },
      6,
      /^2 × 3 zones$/,
    ],
    ['adds what the input says', { config: { surge: 1 } }, 1, /^surge 1, set in the input$/],
    [
      'adds nothing under MINIMAL',
      { config: { updateStrategy: 'MINIMAL', surge: 3 } },
      0,
      /^MINIMAL adds no capacity$/,
    ],
    ['adds nothing when nothing is outdated', { outdated: 0, config: { surge: 3 } }, 0, /^nothing is outdated$/],
  ];
  for (const [title, facts, nodes, rule] of cases) {
    it(title, () => {
      const surge = resolveSurge({
        config: {},
        parallelism: 1,
        outdated: 30,
        zones: ZONES,
        counts: even(10),
        roundSeconds: 90,
        ...facts,
      });
      assert.equal(surge.nodes, nodes);
      assert.match(surge.rule, rule);
    });
  }

  const measured: [title: string, facts: Partial<Parameters<typeof wantedSurge>[0]>, nodes: number][] = [
    ['two rounds for a boot as long as a round', { bootSeconds: 90 }, 20],
    ['more rounds for nodes that boot slowly', { bootSeconds: 420 }, 60],
    ['a boot for each second, should a round take no time at all', { bootSeconds: 3, roundSeconds: 0 }, 40],
  ];
  for (const [title, facts, nodes] of measured) {
    it(`covers ${title}`, () =>
      assert.equal(wantedSurge({ parallelism: 10, zones: 3, bootSeconds: 120, roundSeconds: 90, ...facts }), nodes));
  }

  it('lets no more nodes drain at a time than there are extra ones', () =>
    assert.deepEqual(limitBySurge({ nodes: 5, rule: 'maxUnavailable 5' }, { nodes: 2, rule: '' }, {}), {
      nodes: 2,
      rule: 'maxUnavailable 5, limited by a surge of 2',
    }));

  for (const [title, surge, config] of [
    ['leaves the parallelism alone when the surge is as large', 5, {}],
    ['leaves the parallelism alone under MINIMAL, which has no surge', 0, { updateStrategy: 'MINIMAL' }],
  ] as [string, number, Config][]) {
    it(title, () => {
      const parallelism = { nodes: 5, rule: 'maxUnavailable 5' };
      assert.deepEqual(limitBySurge(parallelism, { nodes: surge, rule: '' }, config), parallelism);
    });
  }
});

/** Instances by zone, and the zones renewed already. */
const groups = fc
  .array(fc.record({ count: fc.nat(6), isRenewed: fc.boolean() }), { minLength: 1, maxLength: 5 })
  .map((zones) => zones.map((zone, index) => ({ zone: `zone-${index}`, ...zone })));

/**
 * Launch instances as an Auto Scaling group does, each into a zone with the fewest, and break ties so that `avoided` comes
 * last.
 */
function launchAgainst(
  counts: ReadonlyMap<string, number>,
  zones: readonly string[],
  avoided: string,
  launches: number,
) {
  const instances = new Map(zones.map((zone) => [zone, counts.get(zone) ?? 0]));
  const reached = new Set<string>();
  for (let launch = 0; launch < launches; launch += 1) {
    const fewest = Math.min(...instances.values());
    const open = zones.filter((zone) => instances.get(zone) === fewest);
    const chosen = open.find((zone) => zone !== avoided) ?? avoided;
    instances.set(chosen, fewest + 1);
    reached.add(chosen);
  }
  return reached;
}

describe('capacity: launches that reach every zone', () => {
  const observation = (group: { zone: string; count: number; isRenewed: boolean }[]) => {
    const zones = group.map(({ zone }) => zone);
    const counts = new Map(group.map(({ zone, count }) => [zone, count]));
    const renewed = group.filter(({ isRenewed }) => isRenewed).map(({ zone }) => zone);
    const needed = group.filter(({ count, isRenewed }) => count > 0 && !isRenewed).map(({ zone }) => zone);
    return { zones, counts, needed, launches: launchesToCover(counts, zones, renewed) };
  };

  it('are enough for every zone with outdated nodes, however the Auto Scaling group breaks ties', () =>
    fc.assert(
      fc.property(groups, (group) => {
        const { zones, counts, needed, launches } = observation(group);
        for (const zone of needed) assert.ok(launchAgainst(counts, zones, zone, launches).has(zone), zone);
      }),
    ));

  it('are not one more than that takes', () =>
    fc.assert(
      fc.property(groups, (group) => {
        const { zones, counts, needed, launches } = observation(group);
        if (needed.length === 0) assert.equal(launches, 0);
        else assert.ok(needed.some((zone) => !launchAgainst(counts, zones, zone, launches - 1).has(zone)));
      }),
    ));
});

describe('capacity: how many extra nodes EKS adds', () => {
  const facts = { updateStrategy: 'DEFAULT' as const, parallelism: 1, outdated: 6, zones: 5 };
  const cases: [title: string, changes: Partial<typeof facts> | { updateStrategy: 'MINIMAL' }, nodes: number][] = [
    ['twice the zones', {}, 10],
    ['as many as it takes at a time, when that is more', { parallelism: 20 }, 20],
    ['none with MINIMAL', { updateStrategy: 'MINIMAL' }, 0],
    ['none when nothing is outdated', { outdated: 0 }, 0],
  ];
  for (const [title, changes, nodes] of cases) {
    it(title, () => assert.equal(surgeOfEks({ ...facts, ...changes }).nodes, nodes));
  }
});
