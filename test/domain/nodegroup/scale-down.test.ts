import assert from 'node:assert/strict';
import { OWNERSHIP_ANNOTATIONS } from '../../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { chooseSurplus, decideScaleDown, warnOfTerminating } from '../../../domain/nodegroup/scale-down.ts';
import { aGroupNode, aNode, anUnregisteredMember, NOW_AT, ZONES } from '../builders.ts';

const [A, B, C] = ZONES;

/** A renewed, Ready member. */
const member = (instanceId: string, zone: string, overrides: Partial<GroupNode> = {}): GroupNode =>
  aGroupNode({ instanceId, zone, isOutdated: false, ...overrides });
const bornAt = (createdAt: string) => ({ node: aNode({ createdAt }) });

describe('chooseSurplus', () => {
  const cases: [string, readonly GroupNode[], string | undefined][] = [
    ['chooses nothing from an empty group', [], undefined],
    [
      'takes from the zone with the most nodes, so that zones end balanced',
      [member('i-1', A), member('i-2', B), member('i-3', B), member('i-4', C)],
      'i-2',
    ],
    [
      'goes on with the node it has begun to drain, though another zone is fuller now',
      [
        member('i-1', A, { node: aNode({ annotations: { [OWNERSHIP_ANNOTATIONS.surplus]: 'tuesday' } }) }),
        member('i-2', B),
        member('i-3', B),
      ],
      'i-1',
    ],
    [
      'takes a node that is not Ready rather than one that works',
      [member('i-1', A), member('i-2', A, { isReady: false }), member('i-3', A)],
      'i-2',
    ],
    [
      'does not unbalance the zones to take one that is not Ready',
      [member('i-1', A, { isReady: false }), member('i-2', B), member('i-3', B)],
      'i-2',
    ],
    [
      'takes the youngest, which has had the least time to gather pods',
      [
        member('i-1', A, bornAt('2026-01-15T10:00:00Z')),
        member('i-2', A, bornAt('2026-01-15T11:00:00Z')),
        member('i-3', A, bornAt('2026-01-15T09:00:00Z')),
      ],
      'i-2',
    ],
    [
      'takes an instance without a node first: nothing runs on it',
      [member('i-1', A, { isReady: false }), anUnregisteredMember({ instanceId: 'i-2', zone: A })],
      'i-2',
    ],
    [
      'leaves an instance alone that is protected from scale-in, though its zone is the fullest',
      [
        member('i-1', A, { isProtectedFromScaleIn: true }),
        member('i-2', A, { isProtectedFromScaleIn: true }),
        member('i-3', B),
      ],
      'i-3',
    ],
    [
      'takes a protected instance when there are no others',
      [member('i-1', A, { isProtectedFromScaleIn: true })],
      'i-1',
    ],
    [
      'chooses by name between equals, the same in every attempt',
      [
        anUnregisteredMember({ instanceId: 'i-2' }),
        anUnregisteredMember({ instanceId: 'i-1' }),
        anUnregisteredMember({ instanceId: 'i-3' }),
      ],
      'i-1',
    ],
  ];
  for (const [title, members, instanceId] of cases) {
    it(title, () => assert.equal(chooseSurplus(members)?.instanceId, instanceId));
  }

  it('does not depend on the order in which Auto Scaling lists the instances', () => {
    const members = [member('i-1', A), member('i-2', B), member('i-3', B), member('i-4', C)];
    assert.equal(chooseSurplus([...members].reverse())?.instanceId, chooseSurplus(members)?.instanceId);
  });
});

describe('decideScaleDown', () => {
  const ready = [member('i-1', A), member('i-2', B), member('i-3', C)];
  const settled: Parameters<typeof decideScaleDown>[0] = {
    members: ready,
    surplus: 0,
    maximumSurplus: 0,
    maxSize: 6,
    desiredCapacity: 3,
    terminating: [],
    now: new Date(NOW_AT),
  };
  const inTenMinutes = '2026-01-15T12:10:00.000Z';
  const aMinuteAgo = '2026-01-15T11:59:00.000Z';
  const bare = anUnregisteredMember({ instanceId: 'i-9', zone: C, isOutdated: false });

  const cases: [string, Partial<typeof settled>, ReturnType<typeof decideScaleDown>][] = [
    ['is done when sizes are back and every node is Ready', {}, { kind: 'done' }],
    [
      'drains a surplus node rather than lower the desired capacity, which would kill a busy one',
      { surplus: 1, maximumSurplus: 1, maxSize: 7, desiredCapacity: 4 },
      { kind: 'retire', member: ready[0] as GroupNode },
    ],
    [
      'terminates a surplus instance without a node right away',
      { members: [...ready, bare], surplus: 1, desiredCapacity: 4 },
      { kind: 'terminate', member: bare },
    ],
    [
      'lowers the maximum once the desired capacity is back',
      { maximumSurplus: 2, maxSize: 8 },
      { kind: 'lowerMaximum' },
    ],
    [
      'never lowers the maximum below the desired capacity somebody else has set',
      { maximumSurplus: 2, maxSize: 3 },
      { kind: 'done' },
    ],
    [
      'is not over while the last replacements boot',
      { members: [...ready.slice(0, 1), bare] },
      { kind: 'awaitReady', missing: 2 },
    ],
    [
      'lowers the maximum while the last replacements boot',
      { members: ready.slice(0, 2), maximumSurplus: 1, maxSize: 7 },
      { kind: 'lowerMaximum' },
    ],
    [
      'waits for instances when a surplus is on the books but none is there to leave',
      { members: [], surplus: 1 },
      { kind: 'awaitReady', missing: 3 },
    ],
    ['is done when more nodes are Ready than are desired', { desiredCapacity: 2 }, { kind: 'done' }],
    [
      'is not over while the last old instance shuts down: it has ten minutes from then on',
      { terminating: ['i-old'] },
      { kind: 'awaitTerminated', untilAt: inTenMinutes },
    ],
    [
      'keeps the end of that wait once it is set',
      { terminating: ['i-old'], terminatingUntilAt: '2026-01-15T12:00:01.000Z' },
      { kind: 'awaitTerminated', untilAt: '2026-01-15T12:00:01.000Z' },
    ],
    [
      'is done when an instance has not left in that time: a lifecycle hook may hold it for hours',
      { terminating: ['i-old'], terminatingUntilAt: aMinuteAgo },
      { kind: 'done' },
    ],
    [
      'waits for nodes that are not Ready whatever the instances that leave do',
      { members: ready.slice(0, 2), terminating: ['i-old'], terminatingUntilAt: aMinuteAgo },
      { kind: 'awaitReady', missing: 1 },
    ],
  ];
  for (const [title, facts, action] of cases) {
    it(title, () => assert.deepEqual(decideScaleDown({ ...settled, ...facts }), action));
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
