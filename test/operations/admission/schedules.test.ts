import assert from 'node:assert/strict';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { readRecord, writeRecord } from '../../../domain/admission/record-text.ts';
import { Conflict, LockLost } from '../../../domain/errors.ts';
import type { Lease } from '../../../domain/types.ts';
import { openRecord, rereadRecord, saveAccounts } from '../../../operations/admission/record-session.ts';
import { raiseSurge } from '../../../operations/scale/raise-surge.ts';
import { accountsWith, aHeldEntry } from '../../domain/admission/entry-builders.ts';
import { aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import { beginDrains, begun, createRun, entriesOf, LEASE, leaseOf, run, started } from './conductor-world.ts';

/* Schedules that need the record, executions or a whole step; test/domain/admission/schedules.test.ts has the list. */

describe('schedules: stops', () => {
  it('#21 a conductor whose execution was stopped ends within 15 s, and begins nothing more', async () => {
    const ports = createRun();
    const stoppedAt = ports.clock.now().getTime() + 20_000;
    ports.clock.after(20, () => ports.aws.runningExecutions.delete(EXECUTION_ARN));
    await assert.rejects(ports.step(), LockLost);
    assert.ok(ports.clock.now().getTime() <= stoppedAt + 16_000, 'in time');
    assert.equal(started(ports).length, 1);
  });

  it('#30 a run whose Lease another one holds ends with LockLost and changes nothing', async () => {
    const ports = createRun();
    await ports.step();
    const before = ports.changes.length;
    ports.kubernetes.leases.set(LEASE, { ...leaseOf(ports), holder: 'arn:other' });
    await assert.rejects(ports.step(), LockLost);
    assert.deepEqual(ports.changes.slice(before), []);
  });
});

describe('schedules: the surge', () => {
  it('#12 more surge that is asked for once is added once, however often the step is repeated', async () => {
    const ports = createRun();
    const request = { run: aRun({ surge: 3 }), launchTemplate: { version: '4' } as never };
    const upgrade = { ...begun, accounts: { at: ports.clock.now().toISOString(), wish: 3, surge: 0 }, extraNodes: 2 };
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await raiseSurge(ports.deps, { ...request, upgrade });
      await ports.clock.sleep(40);
    }
    assert.equal(ports.aws.groups.get('workers')?.desiredCapacity, 5);
    const { accounts } = readRecord(leaseOf(ports));
    assert.ok(accounts !== undefined && accounts !== 'unreadable');
    assert.equal(accounts.memory.raises, 1);
  });
});

describe('schedules: the record', () => {
  for (const [title, loses] of [
    ['deleted', (ports: PortsInMemory) => ports.kubernetes.leases.delete(LEASE)],
    ['edited into nonsense', (ports: PortsInMemory) => edit(ports, 'nonsense')],
    ['restored from a copy', (ports: PortsInMemory) => restoreCopy(ports)],
  ] as const) {
    it(`#23 a record that was ${title} is rebuilt from the executions: no further node is taken`, async () => {
      const ports = createRun();
      const upgrade = await ports.step();
      beginDrains(ports);
      const before = entriesOf(ports);
      loses(ports);
      await ports.step(upgrade);
      assert.equal(started(ports).length, 1);
      const after = entriesOf(ports);
      assert.ok(Array.isArray(before) && Array.isArray(after));
      assert.deepEqual(
        after.map(({ instanceId, attempt, runId, admittedAt }) => [instanceId, attempt, runId, admittedAt]),
        before.map(({ instanceId, attempt, runId, admittedAt }) => [instanceId, attempt, runId, admittedAt]),
      );
    });
  }

  it('#27 an entry that was written and never started is started by the next step, under the same name and with the same input', async () => {
    const ports = createRun();
    const { nodeExecutions } = ports.deps;
    const asked: [string, string][] = [];
    const answerWith = (start: typeof nodeExecutions.start) => {
      const noted: typeof start = (name, input) => {
        asked.push([name, input]);
        return start(name, input);
      };
      Object.assign(ports.deps, { nodeExecutions: { ...nodeExecutions, start: noted } });
    };
    answerWith(() => Promise.reject(new Error('the Lambda is gone')));
    await assert.rejects(ports.step(), /Lambda is gone/);
    answerWith(nodeExecutions.start);
    await ports.step();
    assert.equal(started(ports).length, 1);
    assert.ok(asked.length >= 2);
    for (const each of asked) assert.deepEqual(each, asked[0]);
  });

  it('#31 a conflict while orders were given keeps the orders of the server and the accounts of this step', async () => {
    const ports = createRun();
    const session = await openRecord(ports.cluster, run, 'mine');
    await ports.cluster.annotateLease('eks-nodegroup-upgrade', leaseOf(ports), { [RECORD_ANNOTATIONS.pause]: 'lunch' });
    const accounts = accountsWith([aHeldEntry()]);
    const saved = await saveAccounts(ports.cluster, session, accounts);
    assert.equal(saved.orders.pause, 'lunch');
    assert.equal(readRecord(leaseOf(ports)).orders.pause, 'lunch');
    assert.deepEqual(entriesOf(ports), accounts.entries);
  });

  it('#31 after a later invocation has opened the record nothing of this one is written', async () => {
    const ports = createRun();
    const session = await openRecord(ports.cluster, run, 'mine');
    await openRecord(ports.cluster, run, 'later');
    const before = leaseOf(ports);
    await assert.rejects(saveAccounts(ports.cluster, session, accountsWith([aHeldEntry()])), Conflict);
    await assert.rejects(rereadRecord(ports.cluster, session), Conflict);
    assert.equal(leaseOf(ports), before);
  });

  for (const [title, loses] of [
    ['deleted', () => undefined],
    ['deleted and made again by a later one', (ports: PortsInMemory) => openRecord(ports.cluster, run, 'later')],
    [
      'deleted and made again by hand',
      (ports: PortsInMemory, lease: Lease) => makeAgain(ports, { ...lease, annotations: {} }),
    ],
    ['restored from a copy that has its nonce', (ports: PortsInMemory, lease: Lease) => makeAgain(ports, lease)],
  ] as const) {
    it(`#31 an invocation that lives on writes nothing to a Lease that was ${title}`, async () => {
      const ports = createRun();
      const session = await openRecord(ports.cluster, run, 'mine');
      ports.kubernetes.leases.delete(LEASE);
      await loses(ports, session.lease);
      const before = leaseOf(ports);
      await assert.rejects(saveAccounts(ports.cluster, session, accountsWith([aHeldEntry()])), Conflict);
      await assert.rejects(rereadRecord(ports.cluster, session), Conflict);
      assert.equal(leaseOf(ports), before);
    });
  }

  for (const [title, annotation] of [
    ['nonce', RECORD_ANNOTATIONS.nonce],
    ['accounts', RECORD_ANNOTATIONS.accounts],
    ['inputs', RECORD_ANNOTATIONS.inputs],
  ] as const) {
    it(`#23 ${title} that an operator edits in mid-step cost at most a retry of the step`, async () => {
      const ports = createRun();
      ports.clock.after(5, () => {
        const lease = leaseOf(ports);
        ports.kubernetes.leases.set(LEASE, {
          ...lease,
          annotations: { ...lease.annotations, [annotation]: '{' },
          resourceVersion: '99',
        });
      });
      const upgrade = await ports.step().catch((error) => {
        if (!(error instanceof Conflict)) throw error;
        return ports.step();
      });
      assert.equal(upgrade.status, 'upgrading');
      assert.equal(upgrade.inHand, 1);
      const entries = entriesOf(ports);
      assert.ok(Array.isArray(entries) && entries.length === 1);
      assert.equal(new Set(started(ports)).size, 1);
    });
  }

  it('#34 the record keeps the names of started executions until the output of a step that has them was seen', async () => {
    const ports = createRun();
    const name = () => started(ports).map((change) => change.split(' ')[1]);
    const unreported = () => {
      const { accounts } = readRecord(leaseOf(ports));
      return accounts === undefined || accounts === 'unreadable' ? [] : accounts.unreported;
    };
    const upgrade = await ports.step();
    assert.deepEqual([unreported(), upgrade.started], [name(), name()]);
    const retried = await ports.step(begun);
    assert.deepEqual([unreported(), retried.started], [name(), name()], 'the output was lost: they are told again');
    await ports.step(retried);
    assert.deepEqual(unreported(), []);
  });
});

function edit(ports: PortsInMemory, text: string): void {
  const lease = leaseOf(ports);
  const annotations = { ...lease.annotations, [RECORD_ANNOTATIONS.accounts]: text };
  ports.kubernetes.leases.set(LEASE, { ...lease, annotations });
}

function makeAgain({ kubernetes }: PortsInMemory, lease: Lease): void {
  kubernetes.leases.set(LEASE, { ...lease, uid: 'another', resourceVersion: '77' });
}

/** What it was before the node was taken, as another object of its name. */
function restoreCopy(ports: PortsInMemory): void {
  const lease = leaseOf(ports);
  const { accounts, nonce = '', inputs } = readRecord(lease);
  assert.ok(accounts !== undefined && accounts !== 'unreadable');
  const older = { ...accounts, entries: [], memory: { ...accounts.memory, leaseUid: 'first' } };
  ports.kubernetes.leases.set(LEASE, { ...writeRecord(lease, { nonce, accounts: older, inputs }), uid: 'second' });
}
