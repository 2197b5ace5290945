import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LEASE_NAMESPACE, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import {
  annotate,
  assertUpgraded,
  inHand,
  JANITOR,
  nodeExecutions,
  outdated,
  recordIn,
  stopExecution,
  untilBegun,
  untilEnded,
} from './left-behind.ts';
import { CLUSTER, createWorld, INPUT, NEW_AMI, type UpgradeWorld, world } from './run-upgrade.ts';

const TWO = { ...INPUT, updateConfig: { maxUnavailable: 2 } };

/** Requests since then that change something, but for the Lease's own and reviews of rights. */
const changesSince = (sandbox: UpgradeWorld, index: number): string[] =>
  sandbox.wire.entries
    .slice(index)
    .map(({ action }) => action)
    .filter((action) =>
      /^(PUT|POST|PATCH|DELETE) |^(Set|Update|Delete|Create|Resume|Suspend|Terminate)[A-Z]/.test(action),
    )
    .filter((action) => !/reviews$/.test(action));

const isOneSentence = (text: string) => {
  assert.doesNotMatch(text, /^\{|\n| at .*\.ts:/);
  assert.match(text, /\.$/);
};

/** What people may make of a record. */
const NONSENSE: [what: string, key: string, value: string | undefined][] = [
  ['no JSON', RECORD_ANNOTATIONS.accounts, 'nonsense'],
  ['JSON of another shape', RECORD_ANNOTATIONS.accounts, '{"entries":[["i-0"]],"memory":{}}'],
  ['an empty object', RECORD_ANNOTATIONS.accounts, '{}'],
  ['null', RECORD_ANNOTATIONS.accounts, 'null'],
  ['no accounts at all', RECORD_ANNOTATIONS.accounts, undefined],
  ['inputs that are no JSON', RECORD_ANNOTATIONS.inputs, '{'],
  ['no inputs', RECORD_ANNOTATIONS.inputs, undefined],
];

describe('a record that somebody edits into nonsense', () => {
  it('before a run is refused in one sentence that says what to do, and nothing is touched', async () => {
    const sandbox = await createWorld(world(), JANITOR.never);
    const execution = sandbox.start(TWO, 'monday');
    await untilBegun(sandbox, 1);
    await stopExecution(sandbox, execution);
    await sandbox.clock.advance(600);
    annotate(sandbox, RECORD_ANNOTATIONS.accounts, 'nonsense');
    const before = sandbox.wire.entries.length;
    const ended = await sandbox.upgrade(TWO, 'tuesday');
    assert.equal(ended.error, 'InvalidInput');
    isOneSentence(ended.cause);
    assert.match(ended.cause, /kubectl --namespace eks-nodegroup-upgrade delete lease shop-workers/);
    assert.deepEqual(changesSince(sandbox, before), []);
    sandbox.stores.get(CLUSTER)?.remove('leases', LEASE_NAMESPACE, 'shop-workers');
    const again = await sandbox.upgrade(TWO, 'wednesday');
    assert.equal(again.status, 'SUCCEEDED', again.cause);
    await sandbox.clock.advance(300);
    assertUpgraded(sandbox);
  });

  for (const [what, key, value] of NONSENSE) {
    it(`during a run is rebuilt, and the run ends as it would have (${what})`, async () => {
      const sandbox = await createWorld();
      const execution = sandbox.start(TWO, 'monday');
      await untilBegun(sandbox, 2);
      annotate(sandbox, key, value);
      await sandbox.clock.advance(250);
      annotate(sandbox, key, value);
      await untilEnded(sandbox, execution);
      assert.equal(execution.status, 'SUCCEEDED', execution.cause);
      await sandbox.clock.advance(300);
      assertUpgraded(sandbox);
      assert.ok(nodeExecutions(sandbox).every(({ status }) => status === 'SUCCEEDED'));
    });
  }
});

describe("a node's execution that no conductor has started", () => {
  async function afterRun() {
    const sandbox = await createWorld();
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    await sandbox.clock.advance(300);
    const [first] = nodeExecutions(sandbox);
    const machine = sandbox.stepFunctions.machines.find(({ name }) => name.endsWith('-upgrade-node'));
    if (first === undefined || machine === undefined) throw new Error('no node was upgraded');
    return { sandbox, first, machine };
  }

  for (const [title, change] of [
    ['again, with the input of one that has ended', {}],
    ['with the id of an instance that serves', { instanceId: 'serving' }],
    ['to terminate at once', { instanceId: 'serving', enters: 'terminate' }],
    ['with the id of an instance that there is not', { instanceId: 'i-0123456789abcdef0' }],
  ] as const) {
    it(`but a person ${title}, ends in one sentence and touches nothing`, async () => {
      const { sandbox, first, machine } = await afterRun();
      const [serving] = sandbox.nodes();
      const input = JSON.parse(first.input.text);
      const instanceId = serving?.spec?.providerID?.split('/').at(-1);
      const node = { ...input.node, ...change };
      if (node.instanceId === 'serving') {
        Object.assign(node, { instanceId, nodeName: serving?.metadata.name, uid: serving?.metadata.uid });
      }
      const value = { ...input, node };
      const before = sandbox.wire.entries.length;
      const execution = sandbox.stepFunctions.start(
        machine,
        { text: JSON.stringify(value), value } as never,
        'by-hand',
      );
      await untilEnded(sandbox, execution);
      const output = JSON.parse(execution.output?.text ?? '{}');
      assert.deepEqual([execution.status, output.outcome], ['SUCCEEDED', 'skipped']);
      isOneSentence(output.reason);
      assert.deepEqual(changesSince(sandbox, before), []);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    });
  }

  it('but is redriven after it was stopped, ends in one sentence and touches nothing', async () => {
    const sandbox = await createWorld();
    const run = sandbox.start(TWO);
    await untilBegun(sandbox, 1);
    const [first] = nodeExecutions(sandbox);
    if (first === undefined) throw new Error('no node was taken');
    await stopExecution(sandbox, first);
    await untilEnded(sandbox, run);
    assert.equal(run.status, 'SUCCEEDED', run.cause);
    await sandbox.clock.advance(300);
    const before = sandbox.wire.entries.length;
    sandbox.stepFunctions.redrive(first);
    await untilEnded(sandbox, first);
    const output = JSON.parse(first.output?.text ?? '{}');
    assert.equal(output.outcome, 'skipped');
    isOneSentence(output.reason);
    assert.deepEqual(changesSince(sandbox, before), []);
    assertUpgraded(sandbox);
  });

  it('while another execution drains the same node, ends without touching it', async () => {
    const sandbox = await createWorld();
    const run = sandbox.start(TWO);
    await untilBegun(sandbox, 1);
    const [first] = nodeExecutions(sandbox);
    const machine = sandbox.stepFunctions.machines.find(({ name }) => name.endsWith('-upgrade-node'));
    if (first === undefined || machine === undefined) throw new Error('no node was taken');
    const twin = sandbox.stepFunctions.start(machine, first.input, 'twin');
    await untilEnded(sandbox, twin);
    assert.equal(JSON.parse(twin.output?.text ?? '{}').outcome, 'skipped');
    assert.ok(inHand(sandbox).length > 0, 'its node is in hand as before');
    await untilEnded(sandbox, run);
    assert.equal(run.status, 'SUCCEEDED', run.cause);
  });
});

describe('an input that leaves nothing to do, or cannot be carried out', () => {
  it('ends with the plan when all named nodes run the target from the start', async () => {
    const sandbox = await createWorld(world({ group: { renewedNodes: 3, renewedAmiId: NEW_AMI } }));
    const renewed = [...(sandbox.region.state.autoScaling.groups.get('shop-workers')?.members.values() ?? [])]
      .filter(({ instance }) => instance.image.id === NEW_AMI)
      .map(({ instance }) => instance.instanceId);
    const ended = await sandbox.upgrade({ ...TWO, nodes: renewed });
    assert.deepEqual([ended.status, ended.output?.plan.status], ['SUCCEEDED', 'nothingToDo']);
    assert.deepEqual(changesSince(sandbox, 0), []);
    assert.equal(outdated(sandbox), 3);
  });

  it('is refused with the command to apply when the namespace of the records does not exist', async () => {
    const sandbox = await createWorld();
    sandbox.stores.get(CLUSTER)?.remove('namespaces', undefined as never, LEASE_NAMESPACE);
    const ended = await sandbox.upgrade(TWO);
    assert.equal(ended.error, 'InvalidInput');
    isOneSentence(ended.cause);
    assert.match(ended.cause, /kubectl apply -f kubernetes\/rbac\.yaml/);
    assert.deepEqual(recordIn(sandbox), undefined);
    assert.deepEqual(new Set(changesSince(sandbox, 0).filter((action) => !/leases$/.test(action))), new Set());
  });
});
