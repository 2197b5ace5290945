import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  absorptionOf,
  launchesToCover,
  limitBySurge,
  mayAbsorb,
  requiredReadyNodes,
  resolveParallelism,
  resolveSurge,
  surgeOfEks,
} from '../../../domain/admission/capacity.ts';
import type { UpgradeInput } from '../../../domain/input/input.ts';
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
    ['takes no more than EKS would', { maxUnavailablePercentage: 100 }, 5000, 100, /limited by the most EKS allows/],
    ['says one for a group with nothing outdated', { maxUnavailable: 5 }, 0, 1, /limited by the outdated nodes/],
  ];
  for (const [title, config, outdated, nodes, rule] of cases) {
    it(title, () => {
      const resolved = resolveParallelism(config, outdated);
      assert.equal(resolved.nodes, nodes);
      assert.match(resolved.rule, rule);
    });
  }
});

describe('capacity: how many extra nodes', () => {
  const even = (each: number) => new Map(ZONES.map((zone) => [zone, each] as const));
  const cases: [title: string, facts: Partial<Parameters<typeof resolveSurge>[0]>, nodes: number, rule: RegExp][] = [
    ['adds two for each zone when few nodes go at a time', {}, 6, /^the larger of 2 × 3 zones and 2 × parallelism 1$/],
    ['adds two for each node that goes at a time', { parallelism: 5 }, 10, /2 × parallelism 5$/],
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
        ...facts,
      });
      assert.equal(surge.nodes, nodes);
      assert.match(surge.rule, rule);
    });
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

/** A group whose nodes are only told apart by what the gate sees. */
interface Fleet {
  /** Outdated, Ready, not draining. */
  waiting: number;
  /** Outdated and draining. */
  draining: number;
  /** New and Ready. */
  renewed: number;
  /** New and still booting. */
  booting: number;
  desired: number;
}

/** What may happen next, in any order: a node asks for its turn, a drained one is terminated, a new one turns Ready. */
type Happening = 'asks' | 'leaves' | 'turnsReady';

const runs = fc.record({
  original: fc.integer({ min: 1, max: 12 }),
  parallelism: fc.integer({ min: 1, max: 5 }),
  extra: fc.nat(6),
  order: fc.array(fc.constantFrom<Happening>('asks', 'leaves', 'turnsReady'), { maxLength: 120 }),
});

function step(fleet: Fleet, happening: Happening, run: { original: number; parallelism: number; isMinimal: boolean }) {
  if (happening === 'turnsReady' && fleet.booting > 0) {
    fleet.booting -= 1;
    fleet.renewed += 1;
    return true;
  }
  if (happening === 'leaves' && fleet.draining > 0) {
    const others = fleet.waiting + fleet.draining - 1;
    const absorbs =
      !run.isMinimal &&
      mayAbsorb({
        absorption: 'chosen',
        desiredCapacity: fleet.desired,
        originalDesired: run.original,
        parallelism: run.parallelism,
        othersOutdated: others,
      });
    fleet.draining -= 1;
    if (absorbs) fleet.desired -= 1;
    else fleet.booting += 1;
    return true;
  }
  const ready = fleet.waiting + fleet.draining + fleet.renewed;
  const required = requiredReadyNodes({
    updateStrategy: run.isMinimal ? 'MINIMAL' : 'DEFAULT',
    originalDesired: run.original,
    parallelism: run.parallelism,
    outdatedLeft: fleet.waiting + fleet.draining,
  });
  if (happening === 'asks' && fleet.waiting > 0 && fleet.draining < run.parallelism && ready >= required) {
    fleet.waiting -= 1;
    fleet.draining += 1;
    return true;
  }
  return false;
}

describe('capacity: the gate', () => {
  const start = (original: number, surge: number): Fleet => ({
    waiting: original,
    draining: 0,
    renewed: 0,
    booting: surge,
    desired: original + surge,
  });
  const serving = ({ waiting, renewed }: Fleet) => waiting + renewed;

  it('never lets the Ready nodes that are not being drained fall below the original desired capacity', () =>
    fc.assert(
      fc.property(runs, ({ original, parallelism, extra, order }) => {
        const fleet = start(original, Math.min(parallelism, original) + extra);
        for (const happening of order) {
          step(fleet, happening, { original, parallelism, isMinimal: false });
          assert.ok(serving(fleet) >= original, JSON.stringify(fleet));
        }
      }),
    ));

  it('never lets them fall by more than the parallelism under MINIMAL', () =>
    fc.assert(
      fc.property(runs, ({ original, parallelism, order }) => {
        const fleet = start(original, 0);
        for (const happening of order) {
          step(fleet, happening, { original, parallelism, isMinimal: true });
          assert.ok(serving(fleet) >= original - parallelism, JSON.stringify(fleet));
        }
      }),
    ));

  for (const isMinimal of [false, true]) {
    it(`lets every node go in the end${isMinimal ? ' under MINIMAL' : ', and takes back no more than the surge'}`, () =>
      fc.assert(
        fc.property(runs, ({ original, parallelism, extra, order }) => {
          const fleet = start(original, isMinimal ? 0 : Math.min(parallelism, original) + extra);
          const run = { original, parallelism, isMinimal };
          for (const happening of order) step(fleet, happening, run);
          while ((['turnsReady', 'leaves', 'asks'] as const).some((happening) => step(fleet, happening, run)));
          assert.equal(fleet.waiting + fleet.draining, 0, JSON.stringify(fleet));
          assert.ok(fleet.renewed >= original && fleet.desired >= original);
        }),
      ));
  }

  it('takes the whole surge back with the last outdated nodes, so that nothing is drained twice', () =>
    fc.assert(
      fc.property(runs, ({ original, parallelism, extra, order }) => {
        const fleet = start(original, Math.min(original, parallelism + extra));
        const run = { original, parallelism, isMinimal: false };
        for (const happening of order) step(fleet, happening, run);
        while ((['turnsReady', 'leaves', 'asks'] as const).some((happening) => step(fleet, happening, run)));
        assert.equal(fleet.desired, original);
      }),
    ));
});

describe('capacity: the gate, when admitted nodes start late', () => {
  type Event = 'look' | 'drain' | 'terminate' | 'absorb' | 'boot';
  const events = fc.array(fc.constantFrom<Event>('look', 'drain', 'terminate', 'absorb', 'boot'), {
    minLength: 40,
    maxLength: 120,
  });

  it('still keeps the original nodes free of drains, though others look, drain and leave in between', () => {
    let drained = 0;
    fc.assert(
      fc.property(runs, events, ({ original, parallelism, extra }, order) => {
        let [outdated, ready, booting, admitted, draining] = [original, original + extra, 0, 0, 0];
        for (const event of order) {
          if (event === 'look' && admitted + draining < Math.min(parallelism, outdated)) {
            const facts = { updateStrategy: 'DEFAULT', originalDesired: original, parallelism } as const;
            if (ready >= requiredReadyNodes({ ...facts, outdatedLeft: outdated })) admitted += 1;
          } else if (event === 'drain' && admitted > 0) {
            admitted -= 1;
            draining += 1;
            drained += 1;
          } else if ((event === 'terminate' || event === 'absorb') && draining > 0) {
            draining -= 1;
            outdated -= 1;
            ready -= 1;
            if (event === 'terminate') booting += 1;
          } else if (event === 'boot' && booting > 0) {
            booting -= 1;
            ready += 1;
          }
          assert.ok(ready - draining >= original, `${ready} Ready, ${draining} of them draining, of ${original}`);
        }
      }),
      { seed: 7 },
    );
    assert.ok(drained > 100, `${drained} drains were tried`);
  });
});

describe('capacity: a surge node', () => {
  const run = { originalDesired: 10, parallelism: 2 };
  type Row = [
    title: string,
    absorption: Parameters<typeof mayAbsorb>[0]['absorption'],
    desired: number,
    others: number,
    expected: boolean,
  ];
  const cases: Row[] = [
    ['stays while it covers nodes that are yet to drain', 'chosen', 12, 5, false],
    ['goes when those that stay cover the drains', 'chosen', 13, 5, true],
    ['goes with the last outdated node', 'chosen', 11, 0, true],
    ['stays when the last but one would have no cover', 'chosen', 11, 1, false],
    ['does not exist when somebody has lowered the group', 'chosen', 10, 0, false],
    ['goes with a slow node when the rest covers all others', 'ifLast', 13, 2, true],
    ['does not go with a slow node when the rest covers only the drains', 'ifLast', 13, 5, false],
    ['never goes with a quick node that was not chosen', 'never', 20, 0, false],
  ];
  for (const [title, absorption, desiredCapacity, othersOutdated, expected] of cases) {
    it(title, () => assert.equal(mayAbsorb({ ...run, absorption, desiredCapacity, othersOutdated }), expected));
  }

  const ADMITTED_AT = '2026-01-15T12:00:00.000Z';
  const observations: [
    title: string,
    absorb: boolean,
    admittedAt: string | undefined,
    nowAt: string,
    expected: string,
  ][] = [
    ['goes with a node that was chosen, however quick', true, ADMITTED_AT, ADMITTED_AT, 'chosen'],
    ['may go with a node that took more than two rounds', false, ADMITTED_AT, '2026-01-15T12:04:00.001Z', 'ifLast'],
    ['stays when a node took two rounds', false, ADMITTED_AT, '2026-01-15T12:04:00.000Z', 'never'],
    ['stays when nobody knows since when a node drains', false, undefined, '2026-01-15T13:00:00.000Z', 'never'],
  ];
  for (const [title, absorb, admittedAt, nowAt, expected] of observations) {
    it(title, () => assert.equal(absorptionOf({ absorb }, { admittedAt }, { cordonWaitSeconds: 60 }, nowAt), expected));
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
        assert.equal(mayAbsorb({ ...given, absorption: 'chosen' }), given.desiredCapacity - 1 >= required);
      }),
      { seed: 8 },
    );
  });
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
