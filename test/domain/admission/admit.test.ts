import assert from 'node:assert/strict';
import { type AdmissionFacts, admit } from '../../../domain/admission/admit.ts';
import type { Demand } from '../../../domain/admission/contention.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { aBudget, aNode, aRun, NOW_AT, ZONES } from '../builders.ts';
import { aHeldEntry } from './entry-builders.ts';
import { parkedNode, seenOf, someFacts, someMembers } from './facts-builder.ts';

const at = (seconds: number) => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();
const unready = (member: GroupNode): GroupNode => ({ ...member, isReady: false });
const renewed = (count: number, first = 3) => someMembers(count, { isOutdated: false }, first);
const demand = (pods: number, ...names: string[]): Demand => ({
  pods,
  byBudget: new Map(names.map((name) => [name, pods])),
});
const memoryWith = (overrides: object) => ({ memory: { ...someFacts().accounts.memory, ...overrides } });
describe('admit', () => {
  /** What was decided, in short. */
  function told(facts: AdmissionFacts): string {
    const admission = admit(facts);
    if (admission.kind === 'take') {
      return `take ${admission.entries.map(({ kind, decrement }) => `${kind}${decrement ? '-' : ''}`).join(' ')}`;
    }
    if (admission.kind === 'inspect') return `inspect ${admission.instanceIds.length}`;
    if (admission.kind === 'moreSurge') return `moreSurge ${admission.nodes}`;
    if (admission.kind === 'stop') return `stop ${admission.error}`;
    return admission.kind === 'wait' ? `wait ${admission.rule}` : 'done';
  }
  const nine = seenOf([...someMembers(6), ...renewed(3, 6)]);
  const wishSix = { wish: 6, ...memoryWith({ readyAtStart: 6 }) };
  const k = (parallelism: number, overrides = {}) => aRun({ parallelism, ...overrides });
  const entry = (id: string, overrides = {}) => aHeldEntry({ instanceId: id, ...overrides });
  const budgets = [aBudget({ expectedPods: 3, desiredHealthy: 2, currentHealthy: 3 })];
  const demands = (...ids: string[]) => new Map(ids.map((id) => [id, demand(1, 'shop/checkout')]));
  const done = seenOf(renewed(6, 0));
  const waiting = (seconds: number) => memoryWith({ waitingSince: at(-seconds), waitingFree: 3 });
  const short = seenOf(someMembers(3));
  const cases: [title: string, facts: AdmissionFacts, expected: string][] = [
    [
      'takes as many as the parallelism allows',
      someFacts({ run: k(2), seen: nine }, wishSix),
      'take outdated outdated',
    ],
    [
      'takes no more than what is free above the floor',
      someFacts({ run: k(5), seen: nine }, wishSix),
      'take outdated outdated outdated',
    ],
    [
      'takes none while as many are in hand',
      someFacts({ run: k(1), seen: nine }, { ...wishSix, entries: [entry('i-0')] }),
      'wait parallelism',
    ],
    [
      'does not count what leaves against the parallelism',
      someFacts({ run: k(1), seen: nine }, { ...wishSix, entries: [entry('i-0', { state: 'leaving' })] }),
      'take outdated',
    ],
    [
      'takes no more than the canary before its observation',
      someFacts({ run: k(3, { canary: { nodes: 1, bakeSeconds: 60 } }), seen: nine }, wishSix),
      'take outdated',
    ],
    [
      'takes as many as allowed after it',
      someFacts(
        { run: k(2, { canary: { nodes: 1, bakeSeconds: 60 } }), seen: nine },
        { ...wishSix, ...memoryWith({ readyAtStart: 6, upgraded: 1, canaryBakesUntil: at(-1) }) },
      ),
      'take outdated outdated',
    ],
    [
      'takes only nodes of the scope',
      someFacts({ run: k(3, { nodes: ['i-0'] }), seen: nine }, wishSix),
      'take outdated-',
    ],
    [
      'is done when the nodes of the scope are renewed or gone',
      someFacts({ run: k(1, { nodes: ['i-77'] }) }, { surge: 0, wish: 6 }),
      'done',
    ],
    ['gives surge back with the last nodes', someFacts({ run: k(3) }), 'take outdated- outdated- outdated-'],
    [
      'looks at what drains ask of budgets before it takes another node',
      someFacts({ run: k(2), seen: nine, budgets, draining: ['i-0'] }, { ...wishSix, entries: [entry('i-0')] }),
      'inspect 1',
    ],
    [
      'looks at what a node asks of budgets before it is taken',
      someFacts({ run: k(1), seen: nine, budgets }, wishSix),
      'inspect 1',
    ],
    [
      'takes another node first where ours use up a budget',
      someFacts(
        {
          run: k(2),
          seen: nine,
          budgets,
          draining: ['i-0'],
          demands: new Map([...demands('i-0', 'i-1', 'i-2', 'i-3', 'i-4'), ['i-5', demand(1)]]),
        },
        { ...wishSix, entries: [entry('i-0')] },
      ),
      'take outdated',
    ],
    [
      'waits where all others would wait for ours',
      someFacts(
        {
          run: k(2),
          seen: nine,
          budgets,
          draining: ['i-0'],
          demands: demands('i-0', 'i-1', 'i-2', 'i-3', 'i-4', 'i-5'),
        },
        { ...wishSix, entries: [entry('i-0')] },
      ),
      'wait uncontended',
    ],
    [
      'takes one with nothing in hand whatever the budgets say',
      someFacts(
        {
          run: k(2),
          seen: nine,
          budgets: [aBudget({ expectedPods: 3, desiredHealthy: 2, currentHealthy: 2 })],
          demands: demands('i-0', 'i-1', 'i-2', 'i-3', 'i-4', 'i-5'),
        },
        wishSix,
      ),
      'take outdated',
    ],
    [
      'waits for a zone to be covered while something boots',
      someFacts(
        { seen: seenOf([...someMembers(3), ...renewed(3).map(unready)]) },
        memoryWith({ readyAtStart: 2, mostReady: 2, mostSurge: 0 }),
      ),
      'wait zoneCovered',
    ],
    [
      'takes a node of a zone that stays uncovered when nothing else moves',
      someFacts({
        seen: seenOf([
          ...someMembers(1, { zone: ZONES[1] }),
          ...renewed(3).map((each) => ({ ...each, zone: ZONES[0] })),
        ]),
      }),
      'take outdated-',
    ],
    [
      'does not take blocked nodes while others are left',
      someFacts({}, { parked: [parkedNode('i-0'), parkedNode('i-1')] }),
      'take outdated-',
    ],
    [
      'takes blocked nodes once more when nothing is under way',
      someFacts({}, { parked: [parkedNode('i-0'), parkedNode('i-1'), parkedNode('i-2')] }),
      'take outdated-',
    ],
    [
      'waits with that while something leaves',
      someFacts({}, { parked: [parkedNode('i-1'), parkedNode('i-2')], entries: [entry('i-0', { state: 'leaving' })] }),
      'wait parkedLast',
    ],
    [
      'ends when all that is left was blocked twice',
      someFacts({}, { parked: ['i-0', 'i-1', 'i-2'].map((id) => parkedNode(id, { tries: 2 })) }),
      'stop PodEvictionFailure',
    ],
    [
      'looks at the pods of surplus nodes before it chooses one',
      someFacts({ seen: done }, { surge: 2, wish: 4 }),
      'inspect 6',
    ],
    [
      'takes surplus nodes with a decrement',
      someFacts(
        { run: k(3), seen: done, demands: new Map(done.members.map(({ instanceId }) => [instanceId, demand(0)])) },
        { surge: 2, wish: 4 },
      ),
      'take surplus- surplus-',
    ],
    [
      'takes no surplus while an outdated node in hand may need it',
      someFacts({ seen: done, inHand: 1 }, { surge: 2, wish: 4, entries: [entry('i-9')] }),
      'wait parallelism',
    ],
    [
      'is not done before it is known what became of a decrement',
      someFacts({ seen: done }, { surge: 0, wish: 6, entries: [entry('i-9', { state: 'leaving', decrement: true })] }),
      'wait underWay',
    ],
    [
      'is done when what leaves is settled',
      someFacts({ seen: done }, { surge: 0, wish: 6, entries: [entry('i-9', { state: 'leaving' })] }),
      'done',
    ],
    [
      'is not done while a raise may still show',
      someFacts({ seen: done }, { surge: 0, wish: 6, raise: { from: 6, to: 8, since: NOW_AT } }),
      'wait underWay',
    ],
    [
      'is not done before a change by others is believed',
      someFacts({ seen: done }, { surge: 0, wish: 5 }),
      'wait underWay',
    ],
    [
      'asks for surge when capacity is short and nothing boots',
      someFacts({ seen: short }, { surge: 0 }),
      'moreSurge 1',
    ],
    [
      'asks for none while something leaves: its replacement comes',
      someFacts({ seen: short }, { surge: 0, entries: [entry('i-9', { state: 'leaving' })] }),
      'wait capacity',
    ],
    [
      'asks for none while it was asked for',
      someFacts({ seen: short }, { surge: 0, raise: { from: 3, to: 4, since: NOW_AT } }),
      'wait capacity',
    ],
    [
      'asks for none when NotReady nodes may recover',
      someFacts({ seen: seenOf([...someMembers(2), ...someMembers(3).slice(2).map(unready)]) }, { surge: 0 }),
      'wait capacity',
    ],
    [
      'asks for none under MINIMAL',
      someFacts(
        { seen: short, run: k(1, { updateStrategy: 'MINIMAL' }) },
        { surge: 0, wish: 4, ...memoryWith({ readyAtStart: 4 }) },
      ),
      'wait capacity',
    ],
    [
      'ends when new nodes do not boot',
      someFacts({ seen: seenOf([...someMembers(3), ...renewed(1).map(unready)]) }, { surge: 1, ...waiting(901) }),
      'stop NodeCreationFailure',
    ],
    [
      'waits for new nodes before',
      someFacts({ seen: seenOf([...someMembers(3), ...renewed(1).map(unready)]) }, { surge: 1, ...waiting(899) }),
      'wait capacity',
    ],
    [
      'ends when nothing could be taken for too long',
      someFacts(
        { seen: short, run: k(1, { updateStrategy: 'MINIMAL' }) },
        { surge: 0, wish: 4, ...memoryWith({ readyAtStart: 4, waitingSince: at(-1801), waitingFree: 3 }) },
      ),
      'stop NotConverging',
    ],
  ];
  for (const [title, facts, expected] of cases) it(title, () => assert.equal(told(facts), expected));

  it('gives each node the attempt after its last one, and binds it to the Node that was seen', () => {
    const admission = admit(someFacts({ run: aRun({ nodes: ['i-0'] }) }, memoryWith({ attempts: { 'i-0': 2 } })));
    assert.ok(admission.kind === 'take');
    const { instanceId, attempt, nodeName, uid, enters, admittedAt } = admission.entries[0] ?? assert.fail();
    assert.deepEqual(
      [instanceId, attempt, nodeName, uid, enters, admittedAt],
      ['i-0', 3, 'node-i-0', aNode().uid, 'drain', NOW_AT],
    );
  });

  it('decides the same of the same facts, and differently for another run', () => {
    const order = (executionArn: string) => {
      const members = seenOf([...someMembers(30), ...renewed(30, 30)]);
      const run = aRun({ parallelism: 10, executionArn });
      const admission = admit(
        someFacts(
          { run, seen: members, holder: executionArn },
          { wish: 30, surge: 30, ...memoryWith({ readyAtStart: 30 }) },
        ),
      );
      return admission.kind === 'take' ? admission.entries.map(({ instanceId }) => instanceId).join() : admission.kind;
    };
    assert.equal(order('arn:a'), order('arn:a'));
    assert.notEqual(order('arn:a'), order('arn:b'));
  });
});
