import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  chooseAbsorbed,
  decideWave,
  MOST_NODES_IN_A_WAVE,
  shuffle,
  type WaveDecision,
  type WaveFacts,
} from '../../../domain/admission/wave.ts';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import type { NodeResult, Wave } from '../../../domain/state.ts';
import { aGroupNode, aNode, aRun, NOW_AT, ZONES } from '../builders.ts';

/** Members `i-<first>` and so on, spread over the zones. */
const members = (count: number, overrides: Partial<GroupNode> = {}, first = 0): GroupNode[] =>
  Array.from({ length: count }, (_, index) =>
    aGroupNode({ instanceId: `i-${first + index}`, zone: ZONES[index % 3] as string, ...overrides }),
  );
const renewed = (count: number, first: number) => members(count, { isOutdated: false }, first);
const idsOf = (nodes: readonly { instanceId: string }[]) => nodes.map(({ instanceId }) => instanceId);

/** Numbers that look random and are the same in every run. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const firstWave: Wave = {
  status: 'pending',
  number: 0,
  nodes: [],
  outdatedCount: 0,
  parked: [],
  stalledWaves: 0,
  canary: 'pending',
  results: [],
};

const facts = (overrides: Partial<WaveFacts> = {}): WaveFacts => ({
  run: aRun(),
  wave: firstWave,
  members: members(6),
  surplus: 0,
  alarms: [],
  nowAt: NOW_AT,
  random: numbers(1),
  ...overrides,
});

const decide = (overrides: Partial<WaveFacts> = {}): WaveDecision => decideWave(facts(overrides));

function next(overrides: Partial<WaveFacts> = {}): Wave {
  const decision = decide(overrides);
  assert.equal(decision.kind, 'wave', JSON.stringify(decision));
  return (decision as WaveDecision & { kind: 'wave' }).wave;
}

const blocked = (instanceId: string, error = 'PodEvictionFailure', reason = 'a budget'): NodeResult => ({
  instanceId,
  outcome: 'blocked',
  error,
  reason,
});

describe('wave: which nodes come next', () => {
  it('takes every outdated node and no other', () => {
    const wave = next({ members: [...members(5), ...renewed(4, 5)] });
    assert.deepEqual(idsOf(wave.nodes).sort(), ['i-0', 'i-1', 'i-2', 'i-3', 'i-4']);
    assert.deepEqual([wave.status, wave.number, wave.outdatedCount, wave.readyNodes], ['selected', 1, 5, 9]);
  });

  it('takes them in an order that differs from one draw to the next', () => {
    const orders = [1, 2, 3, 4].map((seed) => idsOf(next({ random: numbers(seed) }).nodes).join());
    assert.equal(new Set(orders).size, 4);
  });

  it('puts every node in every place about equally often', () => {
    const random = numbers(7);
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < 3000; draw += 1) {
      shuffle([0, 1, 2], random).forEach((item, place) => {
        counts[item * 3 + place] = (counts[item * 3 + place] as number) + 1;
      });
    }
    for (const count of counts) assert.ok(Math.abs(count - 1000) < 100, String(counts));
  });

  it('loses and doubles no node by shuffling', () =>
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(), (items, seed) => {
        const before = [...items];
        assert.deepEqual(shuffle(items, numbers(seed)).sort(), [...items].sort());
        assert.deepEqual(items, before);
      }),
    ));

  it('says zone and node name of each, and leaves out the name of one that never registered', () => {
    const { node: _, ...unregistered } = aGroupNode({ instanceId: 'i-9', zone: ZONES[2] });
    const [wave] = [next({ members: [unregistered] })];
    assert.deepEqual(wave.nodes, [{ instanceId: 'i-9', zone: ZONES[2], absorb: false, attempt: 1 }]);
    assert.equal(next({ members: members(1) }).nodes[0]?.nodeName, 'node-i-0');
  });

  it('takes at most 500 at a time, which a Map Run holds in its state', () => {
    const wave = next({ members: members(1200), surplus: 6 });
    assert.equal(MOST_NODES_IN_A_WAVE, 500);
    assert.equal(wave.nodes.length, 500);
    assert.equal(
      wave.nodes.some(({ absorb }) => absorb),
      false,
      'surge nodes stay as long as others need them',
    );
  });

  it('is done when nothing is outdated', () => {
    const wave = next({ members: renewed(6, 0), wave: { ...firstWave, number: 3, status: 'selected' } });
    assert.deepEqual([wave.status, wave.nodes, wave.number], ['done', [], 3]);
  });
});

describe('wave: nodes that take a surge node back', () => {
  it('come last, as many as the surge has', () => {
    const wave = next({ members: [...members(9), ...renewed(6, 9)], surplus: 4 });
    assert.deepEqual(
      wave.nodes.map(({ absorb }) => absorb),
      [false, false, false, false, false, true, true, true, true],
    );
  });

  it('are all of them when the surge is as large as what is left', () =>
    assert.ok(next({ members: members(2), surplus: 6 }).nodes.every(({ absorb }) => absorb)));

  it('are chosen so that the zones end balanced', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...ZONES), { minLength: 1, maxLength: 12 }),
        fc.array(fc.constantFrom(...ZONES), { maxLength: 6 }),
        fc.nat(8),
        (old, fresh, surplus) => {
          const outdated = old.map((zone, index) => aGroupNode({ instanceId: `i-${index}`, zone }));
          const others = fresh.map((zone, index) => aGroupNode({ instanceId: `n-${index}`, zone, isOutdated: false }));
          const chosen = chooseAbsorbed(outdated, [...outdated, ...others], surplus);
          assert.equal(chosen.size, Math.min(surplus, outdated.length));
          const left = [...outdated, ...others].filter(({ instanceId }) => !chosen.has(instanceId));
          const count = (zone: string, of: readonly GroupNode[]) => of.filter((member) => member.zone === zone).length;
          for (const member of outdated.filter(({ instanceId }) => chosen.has(instanceId))) {
            for (const zone of ZONES) {
              const hasCandidate = outdated.some((other) => other.zone === zone && !chosen.has(other.instanceId));
              if (hasCandidate) assert.ok(count(zone, left) - 1 <= count(member.zone, left), `${zone} is fuller`);
            }
          }
        },
      ),
    ));
});

describe('wave: nodes that were blocked', () => {
  const followUp = (parked: string[], results: NodeResult[], outdatedCount: number): Wave => ({
    ...firstWave,
    status: 'selected',
    number: 1,
    canary: 'passed',
    outdatedCount,
    parked,
    results,
  });

  it('are set aside while others have not been tried', () => {
    const wave = next({ members: members(4), wave: followUp([], [blocked('i-1')], 6) });
    assert.deepEqual(idsOf(wave.nodes).sort(), ['i-0', 'i-2', 'i-3']);
    assert.deepEqual(wave.parked, ['i-1']);
  });

  it('are tried once more when nothing else is left', () => {
    const wave = next({
      members: [...members(2), ...renewed(4, 2)],
      wave: followUp(['i-0'], [blocked('i-1', 'NodeTerminationFailure')], 4),
    });
    assert.deepEqual(wave.nodes.map(({ instanceId, attempt }) => [instanceId, attempt]).sort(), [
      ['i-0', 2],
      ['i-1', 2],
    ]);
  });

  it('end the run when the second attempt fails, all of them named', () => {
    const decision = decide({
      members: [...members(2), ...renewed(4, 2)],
      wave: followUp(['i-0', 'i-1'], [blocked('i-0'), blocked('i-1')], 2),
    });
    assert.ok(decision.kind === 'blocked');
    assert.deepEqual(idsOf(decision.nodes), ['i-0', 'i-1']);
    assert.match(decision.because, /tried twice, 900 s each/);
  });

  it('are forgotten when they have left the group or were renewed meanwhile', () => {
    const wave = next({ members: members(2), wave: followUp(['i-7'], [blocked('i-8')], 5) });
    assert.deepEqual(wave.parked, []);
  });

  it('do not end the run while new outdated nodes of somebody else turn up', () => {
    const wave = next({ members: members(2), wave: followUp(['i-0'], [], 1) });
    assert.deepEqual(idsOf(wave.nodes), ['i-1']);
  });

  it('end the run at once when a second attempt cannot help', () => {
    const decision = decide({
      wave: followUp([], [blocked('i-3', 'AccessDenied', 'no right to evict')], 6),
    });
    assert.deepEqual(decision, { kind: 'failure', error: 'AccessDenied', cause: 'node i-3: no right to evict' });
  });

  it('are named by the annotations of their nodes when the run has halted because of them', () => {
    const parked = aGroupNode({
      instanceId: 'i-5',
      node: aNode({ annotations: { [OWNERSHIP_ANNOTATIONS.parked]: 'tuesday' } }),
    });
    const decision = decide({
      members: [...members(3), parked],
      halt: { error: 'PodEvictionFailure', cause: '2 nodes in a row were blocked' },
    });
    assert.ok(decision.kind === 'blocked');
    assert.deepEqual(idsOf(decision.nodes), ['i-5']);
    assert.equal(decision.because, '2 nodes in a row were blocked');
  });
});

describe('wave: what ends the run', () => {
  const stalledWave: Wave = { ...firstWave, status: 'selected', number: 3, outdatedCount: 6, stalledWaves: 2 };
  const cases: [title: string, overrides: Partial<WaveFacts>, error: string, cause: RegExp][] = [
    ['an operator who cancels', { cancel: 'wrong AMI' }, 'UpgradeCancelled', /by an operator: wrong AMI/],
    ['an alarm', { alarms: ['errors', 'latency'] }, 'AlarmTriggered', /in ALARM: errors, latency/],
    [
      'a halt that one of the nodes ordered',
      { halt: { error: 'NodeCreationFailure', cause: 'no node became Ready' } },
      'NodeCreationFailure',
      /^no node became Ready$/,
    ],
    [
      'a halt in words this version does not know',
      { halt: { error: 'Bored', cause: 'why not' } },
      'NotConverging',
      /^why not$/,
    ],
    [
      'three waves in a row after which no fewer nodes are outdated',
      { wave: stalledWave },
      'NotConverging',
      /^6 nodes are still outdated after 3 waves that changed nothing/,
    ],
  ];
  for (const [title, overrides, error, cause] of cases) {
    it(`is ${title}`, () => {
      const decision = decide(overrides);
      assert.ok(decision.kind === 'failure', decision.kind);
      assert.equal(decision.error, error);
      assert.match(decision.cause, cause);
    });
  }

  it('is not a third wave that changed something', () =>
    assert.equal(next({ wave: { ...stalledWave, outdatedCount: 7 } }).stalledWaves, 0));

  it('is not a second wave that changed nothing', () =>
    assert.equal(next({ wave: { ...stalledWave, stalledWaves: 1 } }).stalledWaves, 2));

  for (const [title, overrides] of [
    ['an operator who cancels', { cancel: 'late' }],
    ['an alarm', { alarms: ['errors'] }],
  ] as [string, Partial<WaveFacts>][]) {
    it(`is not ${title} after the last node has been renewed`, () =>
      assert.equal(next({ ...overrides, members: renewed(6, 0) }).status, 'done'));
  }
});

describe('wave: canary', () => {
  const run = aRun({ canary: { nodes: 2, bakeSeconds: 600 } });
  const over = (wave: Wave): Wave => ({ ...wave, nodes: [], results: [] });

  it('goes alone first, then bakes, then all others follow', () => {
    const canary = next({ run });
    assert.deepEqual([canary.status, canary.canary, canary.nodes.length], ['selected', 'upgrading', 2]);

    const bake = next({ run, members: [...members(4), ...renewed(2, 4)], wave: over(canary) });
    assert.deepEqual([bake.status, bake.canary, bake.nodes], ['baking', 'baking', []]);
    assert.equal(bake.bakeUntilAt, '2026-01-15T12:10:00.000Z');

    const rest = next({ run, members: [...members(4), ...renewed(2, 4)], wave: over(bake) });
    assert.deepEqual([rest.status, rest.canary, rest.nodes.length], ['selected', 'passed', 4]);
    assert.equal(rest.bakeUntilAt, undefined);
    assert.deepEqual([canary.number, bake.number, rest.number], [1, 1, 2]);
  });

  it('is replaced by another node when it is blocked: a node that was not upgraded proves nothing', () => {
    const canary = next({ run });
    const [first, second] = canary.nodes.map(({ instanceId }) => instanceId) as [string, string];
    const blocked = { instanceId: first, outcome: 'blocked' as const, error: 'PodEvictionFailure' };
    const left = members(6).filter(({ instanceId }) => instanceId !== second);
    const wave = { ...canary, nodes: [], results: [blocked, { instanceId: second, outcome: 'upgraded' as const }] };
    const again = next({ run, members: [...left, ...renewed(1, 6)], wave });
    assert.deepEqual([again.status, again.canary, again.nodes.length], ['selected', 'upgrading', 1]);
    assert.notEqual(again.nodes[0]?.instanceId, first);
    assert.deepEqual(again.parked, [first]);
  });

  it('bakes with those that were upgraded when every other node was blocked', () => {
    const results = ['i-0', 'i-1'].map((instanceId) => ({ instanceId, outcome: 'blocked' as const }));
    const wave = { ...next({ run }), nodes: [], results };
    assert.equal(next({ run, members: [...members(2), ...renewed(1, 2)], wave }).status, 'baking');
  });

  it('keeps the surge for the nodes that come after it', () =>
    assert.ok(next({ run, surplus: 4 }).nodes.every(({ absorb }) => !absorb)));

  it('takes back only what the nodes after it will not need', () =>
    assert.deepEqual(
      next({ run, surplus: 5 }).nodes.map(({ absorb }) => absorb),
      [false, true],
    ));

  it('ends the run when an alarm goes off while it bakes', () => {
    const decision = decide({ run, wave: { ...firstWave, status: 'baking', canary: 'baking' }, alarms: ['errors'] });
    assert.ok(decision.kind === 'failure' && decision.error === 'AlarmTriggered');
  });

  it('is left out unless the input asks for it', () => {
    const wave = next();
    assert.deepEqual([wave.canary, wave.nodes.length], ['passed', 6]);
  });
});
