import assert from 'node:assert/strict';
import { decideTurn, type TurnDecision, type TurnFacts } from '../../../domain/admission/admission.ts';
import { CONTROL } from '../../../domain/admission/control.ts';
import { EXCLUDE_LABEL, UNSCHEDULABLE_TAINT } from '../../../domain/nodegroup/node-ownership.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { aGroupNode, aLease, aNode, anUnregisteredMember, aRun, aWaveNode, NOW_AT, ZONES } from '../builders.ts';

const SELF = 'i-self';

/** An outdated member that carries the taint, as all of them do once the scale-up is over. */
const tainted = (instanceId: string, overrides: Partial<GroupNode> = {}): GroupNode =>
  aGroupNode({
    instanceId,
    node: aNode({ instanceId, name: `node-${instanceId}`, taints: [UNSCHEDULABLE_TAINT] }),
    ...overrides,
  });
const renewed = (count: number): GroupNode[] =>
  Array.from({ length: count }, (_, index) => aGroupNode({ instanceId: `i-new${index}`, isOutdated: false }));
const outdated = [tainted(SELF), tainted('i-2', { zone: ZONES[1] }), tainted('i-3', { zone: ZONES[2] })];

/** Three outdated nodes and one new one: 4 Ready, and with 3 wanted and 1 in hand 4 are needed. */
const facts = (overrides: Partial<TurnFacts> = {}): TurnFacts => ({
  run: aRun(),
  node: aWaveNode({ instanceId: SELF }),
  members: [...outdated, ...renewed(1)],
  lease: aLease(),
  alarms: [],
  waitingSince: '2026-01-15T11:59:00.000Z',
  nowAt: NOW_AT,
  ...overrides,
});
const ordered = (annotations: Record<string, string>) => aLease({ annotations });

/** The decision in one line: what happens, and the reason. */
const told = (decision: TurnDecision): string =>
  decision.kind === 'halt'
    ? `halt ${decision.error}: ${decision.reason}`
    : `${decision.turn.status}: ${decision.turn.reason ?? ''}`;

describe('decideTurn: orders', () => {
  const halt = { [CONTROL.halt]: '{"error":"NodeCreationFailure","cause":"no capacity"}' };
  const cancel = { [CONTROL.cancel]: 'wrong AMI' };
  const pause = { [CONTROL.pause]: 'lunch' };
  const cases: [string, Partial<TurnFacts>, string][] = [
    [
      'stops when another execution has taken the lock',
      { lease: aLease({ holder: 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:other' }) },
      'stop: the run no longer holds the lock of this group',
    ],
    ['stops when the lock is gone', { lease: undefined }, 'stop: the run no longer holds the lock of this group'],
    ['stops when the run halts, and says why', { lease: ordered(halt) }, 'stop: the run halts: NodeCreationFailure'],
    [
      'stops on cancel, and repeats the reason',
      { lease: ordered(cancel) },
      'stop: cancelled by an operator: wrong AMI',
    ],
    ['waits while paused, and repeats the reason', { lease: ordered(pause) }, 'wait: paused by an operator: lunch'],
    [
      'halts the whole run on an alarm, and names each',
      { alarms: ['latency', 'errors'] },
      'halt AlarmTriggered: in ALARM: latency, errors',
    ],
    [
      'obeys a halt before a cancel',
      { lease: ordered({ ...cancel, ...halt }) },
      'stop: the run halts: NodeCreationFailure',
    ],
    [
      'obeys a cancel before an alarm and a pause',
      { lease: ordered({ ...pause, ...cancel }), alarms: ['latency'] },
      'stop: cancelled by an operator: wrong AMI',
    ],
    [
      'sees an alarm even while paused',
      { lease: ordered(pause), alarms: ['latency'] },
      'halt AlarmTriggered: in ALARM: latency',
    ],
    [
      'obeys a cancel although capacity would let the node go',
      { lease: ordered(cancel), members: [...outdated, ...renewed(9)] },
      'stop: cancelled by an operator: wrong AMI',
    ],
    [
      'waits while paused though the group has stalled: an operator may take his time',
      { lease: ordered(pause), members: outdated, waitingSince: '2026-01-15T08:00:00.000Z' },
      'wait: paused by an operator: lunch',
    ],
    [
      'says that an instance is gone rather than wait for it',
      { members: renewed(1) },
      'gone: the instance has left the group by itself',
    ],
  ];
  for (const [title, overrides, expected] of cases) {
    it(title, () => assert.equal(told(decideTurn(facts(overrides))), expected));
  }
});

describe('decideTurn: capacity', () => {
  const unready = (member: GroupNode): GroupNode => ({ ...member, isReady: false });
  const cases: [string, Partial<TurnFacts>, string, number, number][] = [
    ['lets a node go when the rest still number what the operator had', {}, 'proceed', 4, 4],
    ['waits when without this node there would be fewer', { members: outdated }, 'wait', 3, 4],
    [
      'keeps room for every node that may be draining at the same time',
      { run: aRun({ parallelism: 2 }) },
      'wait',
      4,
      5,
    ],
    [
      'keeps room for no more nodes than are outdated still',
      { run: aRun({ parallelism: 5 }), members: [tainted(SELF), ...renewed(3)] },
      'proceed',
      4,
      4,
    ],
    [
      'does not count a booting replacement as capacity',
      { members: [...outdated, ...renewed(1).map(unready)] },
      'wait',
      3,
      4,
    ],
    [
      'lets a node go that is not Ready: it is no capacity anyway',
      { members: [unready(tainted(SELF)), ...outdated.slice(1)] },
      'proceed',
      2,
      4,
    ],
    [
      'does not let a working node go because another one is not Ready',
      { members: [tainted(SELF), ...outdated.slice(1).map(unready)] },
      'wait',
      1,
      4,
    ],
    [
      'adds nothing under MINIMAL: all original nodes Ready are enough',
      { run: aRun({ updateStrategy: 'MINIMAL' }), members: outdated },
      'proceed',
      3,
      3,
    ],
    [
      'waits under MINIMAL until the replacement of the last node is Ready',
      { run: aRun({ updateStrategy: 'MINIMAL' }), members: outdated.slice(0, 2) },
      'wait',
      2,
      3,
    ],
  ];
  for (const [title, overrides, status, readyNodes, requiredNodes] of cases) {
    it(title, () => {
      const decision = decideTurn(facts(overrides));
      assert.ok(decision.kind === 'turn', told(decision));
      const { turn } = decision;
      assert.deepEqual([turn.status, turn.readyNodes, turn.requiredNodes], [status, readyNodes, requiredNodes]);
    });
  }

  it('records when the node was let go and what others had done to it before', () => {
    const self = tainted(SELF, {
      node: aNode({ isUnschedulable: true, labels: { [EXCLUDE_LABEL]: 'true' }, taints: [UNSCHEDULABLE_TAINT] }),
    });
    const decision = decideTurn(facts({ members: [self, ...outdated.slice(1), ...renewed(1)] }));
    assert.deepEqual(decision.kind === 'turn' && [decision.turn.admittedAt, decision.turn.facts], [
      NOW_AT,
      { isExcluded: true, isUnschedulable: true },
    ]);
  });

  it('lets an instance go that never registered', () => {
    const self = anUnregisteredMember({ instanceId: SELF });
    const decision = decideTurn(facts({ members: [self, ...outdated.slice(1)] }));
    assert.deepEqual(decision.kind === 'turn' && [decision.turn.status, decision.turn.facts], [
      'proceed',
      { isExcluded: false, isUnschedulable: false },
    ]);
  });
});

describe('decideTurn: a group that has stalled', () => {
  const booting = [aGroupNode({ instanceId: 'i-new', isReady: false }), anUnregisteredMember({ instanceId: 'i-bare' })];
  const members = [...outdated, ...booting];
  const reason = '3 nodes are Ready, 4 are needed before one more may drain (not Ready: node-i-new, i-bare)';
  const cases: [string, Partial<TurnFacts>, string][] = [
    ['waits, and names the nodes that are not Ready', { members }, `wait: ${reason}`],
    [
      'waits for as long as nodes may take, to the second',
      { members, waitingSince: '2026-01-15T11:45:00.000Z' },
      `wait: ${reason}`,
    ],
    [
      'halts the run after that, with the names',
      { members, waitingSince: '2026-01-15T11:44:59.000Z' },
      `halt NodeCreationFailure: ${reason}, and none has become Ready for 900 s`,
    ],
    [
      'waits on while nodes keep becoming Ready, however long it takes',
      {
        members: [
          ...members,
          aGroupNode({ instanceId: 'i-late', node: aNode({ readyChangedAt: '2026-01-15T11:50:00Z' }) }),
        ],
        run: aRun({ originalSizes: { minSize: 1, maxSize: 9, desiredCapacity: 4 } }),
        waitingSince: '2026-01-15T10:00:00.000Z',
      },
      'wait: 4 nodes are Ready, 5 are needed before one more may drain (not Ready: node-i-new, i-bare)',
    ],
    [
      'does not take a node that turned not Ready for progress',
      {
        members: [
          ...outdated,
          aGroupNode({
            instanceId: 'i-new',
            isReady: false,
            node: aNode({ name: 'sick', isReady: false, readyChangedAt: '2026-01-15T11:59:00Z' }),
          }),
        ],
        waitingSince: '2026-01-15T10:00:00.000Z',
      },
      'halt NodeCreationFailure: 3 nodes are Ready, 4 are needed before one more may drain (not Ready: sick), and none has become Ready for 900 s',
    ],
    [
      'says nothing of nodes not Ready when the group is simply too small',
      { members: outdated },
      'wait: 3 nodes are Ready, 4 are needed before one more may drain',
    ],
  ];
  for (const [title, overrides, expected] of cases) {
    it(title, () => assert.equal(told(decideTurn(facts(overrides))), expected));
  }

  it('names ten nodes at most', () => {
    const many = Array.from({ length: 11 }, (_, index) => anUnregisteredMember({ instanceId: `i-bare${index}` }));
    const reason = told(decideTurn(facts({ members: [...outdated, ...many] })));
    assert.ok(reason.includes('i-bare9') && !reason.includes('i-bare10'), reason);
  });
});
