import assert from 'node:assert/strict';
import { writeRecord } from '../../../domain/admission/record-text.ts';
import { IN_HAND_ANNOTATION, writeInHand } from '../../../domain/drain/in-hand.ts';
import { Throttled } from '../../../domain/errors.ts';
import type { Node } from '../../../domain/types.ts';
import { rebuildAccounts } from '../../../operations/admission/rebuild-accounts.ts';
import { accountsWith, type aHeldEntry, anEntry, executionOf } from '../../domain/admission/entry-builders.ts';
import { seenOf, someMembers } from '../../domain/admission/facts-builder.ts';
import { aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';
import { beginDrains, createRun, entriesOf, LEASE, leaseOf, run, started } from './conductor-world.ts';

/** Let lookups of the own execution fail during some seconds of the step. */
function failLookups({ deps, clock, aws }: PortsInMemory, fromSeconds: number, toSeconds: number): void {
  const beganAt = clock.now().getTime();
  const isRunning = async () => {
    const seconds = (clock.now().getTime() - beganAt) / 1000;
    if (seconds >= fromSeconds && seconds < toSeconds) throw new Throttled('DescribeExecution: rate exceeded');
    return aws.runningExecutions.has(EXECUTION_ARN);
  };
  Object.assign(deps, { executions: { isRunning } });
}

describe('the own execution of the conductor', () => {
  it('may be unknown for less than a minute', async () => {
    const ports = createRun();
    failLookups(ports, 20, 70);
    assert.equal((await ports.step()).status, 'upgrading');
  });

  it('ends the step when it has been unknown for a minute, and is not asked in a hurry meanwhile', async () => {
    const ports = createRun();
    const beganAt = ports.clock.now().getTime();
    let asked = 0;
    failLookups(ports, 20, 1000);
    const { isRunning } = ports.deps.executions;
    Object.assign(ports.deps, {
      executions: {
        isRunning: (arn: string) => {
          asked += 1;
          return isRunning(arn);
        },
      },
    });
    await assert.rejects(ports.step(), Throttled);
    const seconds = (ports.clock.now().getTime() - beganAt) / 1000;
    assert.ok(seconds >= 80 && seconds <= 125, `${seconds} s`);
    assert.ok(asked <= 7, `${asked} lookups`);
  });
});

describe('a step of the conductor', () => {
  it('that is over before it has decided begins nothing more, and leaves it to the next one', async () => {
    const ports = createRun();
    const { ec2 } = ports.deps;
    const slowly = async (name: string) => {
      await ports.clock.sleep(240);
      return ec2.listInstances(name);
    };
    Object.assign(ports.deps, { ec2: { ...ec2, listInstances: slowly } });
    const upgrade = await ports.step();
    assert.deepEqual([upgrade.status, upgrade.waitSeconds, started(ports)], ['upgrading', 0, []]);
    Object.assign(ports.deps, { ec2 });
    await ports.step(upgrade);
    assert.equal(started(ports).length, 1);
  });

  it('takes a node although each reading of the group takes longer than it stays fresh', async () => {
    const ports = createRun();
    const { autoScaling } = ports.deps;
    const slowly = async (name: string) => {
      await ports.clock.sleep(20);
      return autoScaling.findGroup(name);
    };
    Object.assign(ports.deps, { autoScaling: { ...autoScaling, findGroup: slowly } });
    await ports.step();
    assert.equal(started(ports).length, 1);
  });

  it('writes a record that was lost again at once, because executions under way read their licence in it', async () => {
    const ports = createRun();
    const upgrade = await ports.step();
    beginDrains(ports);
    ports.kubernetes.leases.delete(LEASE);
    let found: unknown;
    ports.clock.after(1, () => {
      found = entriesOf(ports);
    });
    await ports.step(upgrade);
    assert.ok(Array.isArray(found) && found.length === 1);
  });

  it('leaves a node to the execution that has taken it again, whatever has become of an earlier one', async () => {
    const ports = createRun();
    await ports.step();
    const [entry] = entriesOf(ports) as ReturnType<typeof aHeldEntry>[];
    assert.ok(entry !== undefined);
    const output = JSON.stringify({
      instanceId: entry.instanceId,
      outcome: 'blocked',
      error: 'PodEvictionFailure',
      reason: 'no',
    });
    ports.aws.nodeExecutions.set(executionOf(entry), { status: 'SUCCEEDED', output, startedAt: entry.admittedAt });
    const name = entry.nodeName as string;
    const note = writeInHand({
      execution: executionOf({ ...entry, attempt: 2 }),
      phase: 'draining',
      since: entry.since,
    });
    const node = ports.kubernetes.nodes.get(name) as Node;
    ports.kubernetes.nodes.set(name, { ...node, annotations: { ...node.annotations, [IN_HAND_ANNOTATION]: note } });
    await ports.clock.sleep(200);
    await ports.step();
    assert.equal(ports.kubernetes.nodes.get(name)?.annotations[IN_HAND_ANNOTATION], note);
  });

  it('names a node whose instance somebody else has terminated as gone, not as upgraded', async () => {
    const ports = createRun();
    const upgrade = await ports.step();
    beginDrains(ports);
    const [entry] = entriesOf(ports) as ReturnType<typeof aHeldEntry>[];
    assert.ok(entry !== undefined);
    ports.clock.after(100, () => {
      ports.kubernetes.nodes.delete(entry.nodeName as string);
      const group = ports.aws.groups.get('workers');
      assert.ok(group !== undefined);
      const instances = group.instances.filter(({ instanceId }) => instanceId !== entry.instanceId);
      ports.aws.groups.set('workers', { ...group, instances });
    });
    const { ended } = await ports.step(upgrade);
    assert.deepEqual(ended, [{ execution: executionOf(entry), outcome: 'gone' }]);
  });

  it('takes an error that is none of ours in the accounts for a record that cannot be read', async () => {
    const ports = createRun();
    const upgrade = await ports.step();
    beginDrains(ports);
    const fatal = { error: 'SomethingElse', cause: 'by hand' };
    const edited = accountsWith([]);
    const accounts = { ...edited, memory: { ...edited.memory, fatal } } as unknown as typeof edited;
    ports.kubernetes.leases.set(LEASE, writeRecord(leaseOf(ports), { nonce: '', accounts, inputs: {} }));
    assert.equal((await ports.step(upgrade)).inHand, 1);
  });

  it('does not fail over inputs that an operator has edited into something that is not JSON', async () => {
    const ports = createRun();
    const upgrade = await ports.step();
    const lease = leaseOf(ports);
    const key = 'eks-nodegroup-upgrade/inputs';
    const inputs = JSON.stringify(
      Object.fromEntries(Object.keys(JSON.parse(lease.annotations[key] ?? '{}')).map((id) => [id, 'nonsense'])),
    );
    ports.kubernetes.leases.set(LEASE, { ...lease, annotations: { ...lease.annotations, [key]: inputs } });
    assert.equal((await ports.step(upgrade)).inHand, 1);
  });
});

describe('accounts that are lost before any step has ended', () => {
  for (const [title, lifecycleState, surge] of [
    ['are not given back twice: a decrement that is under way is not surge', 'InService', 1],
    ['count a decrement that has taken effect as given back already', 'Terminating', 2],
  ] as const) {
    it(title, async () => {
      const { deps, aws } = createPorts();
      const node = anEntry({ instanceId: 'i-0', decrement: true });
      aws.nodeExecutions.set(executionOf(node), {
        status: 'RUNNING',
        startedAt: node.admittedAt,
        input: JSON.stringify({ run: { executionArn: EXECUTION_ARN }, node }),
      });
      const seen = seenOf([...someMembers(1, { lifecycleState }), ...someMembers(4, {}, 1)]);
      const { accounts } = await rebuildAccounts(deps, { run: aRun({ surge: 3 }), before: undefined, seen });
      assert.equal(accounts.wish, run.originalSizes.desiredCapacity);
      assert.equal(accounts.surge, surge);
    });
  }
});
