import assert from 'node:assert/strict';
import type { Accounts } from '../../../domain/admission/record.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import {
  decideScaleDown,
  remainingEntries,
  warnOfChange,
  warnOfTerminating,
} from '../../../domain/nodegroup/scale-down.ts';
import type { Sizes } from '../../../domain/state.ts';
import { accountsWith, aHeldEntry } from '../admission/entry-builders.ts';
import { seenOf, someMembers } from '../admission/facts-builder.ts';
import { aGroupNode, anUnregisteredMember, aRun, NOW_AT } from '../builders.ts';

const secondsAgo = (seconds: number) => new Date(Date.parse(NOW_AT) - seconds * 1000).toISOString();
const fresh = someMembers(3, { isOutdated: false });
const old = (overrides: Partial<GroupNode> = {}) => aGroupNode({ instanceId: 'i-old', ...overrides });
const leftAgo = (seconds: number) => aHeldEntry({ instanceId: 'i-old', state: 'leaving', since: secondsAgo(seconds) });

/** A group of three that is upgraded and has its sizes back, but for what the case says. */
interface World {
  readonly members?: readonly GroupNode[];
  readonly sizes?: Partial<Sizes>;
  readonly accounts?: Partial<Accounts>;
  readonly nodes?: readonly string[];
  readonly launchesTarget?: boolean;
  readonly maximumSurplus?: number;
}

function decide({ members = fresh, sizes, accounts, nodes, launchesTarget = true, maximumSurplus = 0 }: World) {
  return decideScaleDown({
    run: aRun(nodes === undefined ? {} : { nodes: [...nodes] }),
    accounts: { ...accountsWith([]), wish: 3, surge: 0, ...accounts },
    seen: seenOf(members, { sizes: { minSize: 1, maxSize: 6, desiredCapacity: 3, ...sizes } }),
    launchesTarget,
    maximumSurplus,
    nowAt: NOW_AT,
  });
}

describe('decideScaleDown', () => {
  const cases: [title: string, world: World, action: ReturnType<typeof decideScaleDown>][] = [
    ['is done when sizes are back and every node is Ready', {}, { kind: 'done' }],
    [
      'hands back what has become outdated meanwhile',
      { members: [...fresh.slice(0, 2), old()] },
      { kind: 'return', reason: '1 outdated' },
    ],
    [
      'leaves outdated nodes alone that the run was not asked to upgrade',
      { members: [...fresh.slice(0, 2), old()], nodes: ['i-0'] },
      { kind: 'done' },
    ],
    [
      'hands back a group that somebody has pointed at another version: replacements would be outdated',
      { launchesTarget: false },
      { kind: 'return', reason: 'the group launches from another template version' },
    ],
    [
      'hands back surge that is left, rather than lower the desired capacity, which would kill a busy node',
      { members: someMembers(4, { isOutdated: false }), sizes: { desiredCapacity: 4 }, accounts: { surge: 1 } },
      { kind: 'return', reason: '1 of the surge' },
    ],
    [
      'does not take surge for surplus that MinSize asks for by now',
      {
        members: someMembers(4, { isOutdated: false }),
        sizes: { desiredCapacity: 4, minSize: 4 },
        accounts: { surge: 1 },
      },
      { kind: 'done' },
    ],
    [
      'is not over while a node is in hand',
      { members: [...fresh, old()], accounts: { entries: [aHeldEntry({ instanceId: 'i-old' })] } },
      { kind: 'return', reason: 'nodes in hand' },
    ],
    [
      'lowers the maximum once the desired capacity is back',
      { maximumSurplus: 2, sizes: { maxSize: 8 } },
      { kind: 'lowerMaximum' },
    ],
    [
      'never lowers the maximum below a desired capacity that somebody else has set',
      { maximumSurplus: 2, sizes: { maxSize: 3 } },
      { kind: 'done' },
    ],
    [
      'lowers the maximum while the last replacements boot',
      { members: fresh.slice(0, 2), maximumSurplus: 1, sizes: { maxSize: 7 } },
      { kind: 'lowerMaximum' },
    ],
    [
      'is not over while the last replacements boot',
      { members: [...fresh.slice(0, 1), anUnregisteredMember({ instanceId: 'i-9', isOutdated: false })] },
      { kind: 'awaitReady', missing: 2 },
    ],
    [
      'counts no node as Ready that it has sent away',
      { members: [...fresh.slice(0, 2), old()], accounts: { entries: [leftAgo(10)] } },
      { kind: 'awaitReady', missing: 1 },
    ],
    ['is done when more nodes are Ready than are desired', { sizes: { desiredCapacity: 2 } }, { kind: 'done' }],
    [
      'is not over while the last old instance shuts down',
      { members: [...fresh, old({ lifecycleState: 'Terminating' })], accounts: { entries: [leftAgo(599)] } },
      { kind: 'awaitTerminated' },
    ],
    [
      'is done when an instance has not left in ten minutes: a lifecycle hook may hold it for hours',
      { members: [...fresh, old({ lifecycleState: 'Terminating:Wait' })], accounts: { entries: [leftAgo(600)] } },
      { kind: 'done' },
    ],
    [
      'is done as soon as the group no longer lists the instances that were sent away',
      { accounts: { entries: [leftAgo(10)] } },
      { kind: 'done' },
    ],
    [
      'waits for nodes that are not Ready whatever the instances that leave do',
      {
        members: [...fresh.slice(0, 2), old({ lifecycleState: 'Terminating:Wait' })],
        accounts: { entries: [leftAgo(3600)] },
      },
      { kind: 'awaitReady', missing: 1 },
    ],
  ];
  for (const [title, world, action] of cases) {
    it(title, () => assert.deepEqual(decide(world), action));
  }
});

describe('remainingEntries', () => {
  it('are those whose instance the group still lists', () => {
    const accounts = accountsWith([leftAgo(10), aHeldEntry({ instanceId: 'i-gone', state: 'leaving' })]);
    const found = remainingEntries(accounts, seenOf([...fresh, old({ lifecycleState: 'Terminating' })]));
    assert.deepEqual(
      found.map(({ instanceId }) => instanceId),
      ['i-old'],
    );
  });
});

describe('warnOfChange', () => {
  const cases: [title: string, desiredCapacity: number, warnings: string[]][] = [
    ['says nothing when the desired capacity is what it was', 3, []],
    [
      'tells that somebody else has added nodes',
      5,
      ['somebody else changed the desired capacity by +2 during the run: their change is kept'],
    ],
    [
      'tells that somebody else has removed nodes',
      2,
      ['somebody else changed the desired capacity by -1 during the run: their change is kept'],
    ],
  ];
  for (const [title, desiredCapacity, warnings] of cases) {
    it(title, () => assert.deepEqual(warnOfChange(aRun(), { minSize: 1, maxSize: 6, desiredCapacity }), warnings));
  }
});

describe('warnOfTerminating', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `i-${index}`);
  const cases: [string, string[], RegExp | undefined][] = [
    ['says nothing when every instance has left', [], undefined],
    [
      'names the instances and where to look',
      ids(2),
      /still terminating after 600 s: i-0, i-1; check .* lifecycle hooks/,
    ],
    ['names ten, and counts the others', ids(13), /: i-0, .*, i-9, 3 more;/],
  ];
  for (const [title, terminating, expected] of cases) {
    it(title, () => {
      const warnings = warnOfTerminating(terminating);
      assert.equal(warnings.length, expected === undefined ? 0 : 1);
      if (expected !== undefined) assert.match(warnings[0] as string, expected);
    });
  }
});
