import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, type Pod } from 'eks-sandbox/kubernetes';
import type { Execution } from 'eks-sandbox/step-functions';
import { after, before, describe, it } from 'mocha';
import { LEASE_NAMESPACE, leaseName } from '../../domain/admission/record.ts';
import { IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import type { AuditEvent } from './harness/audit-policy.ts';
import { NEW_AMI, OLD_AMI, type Rehearsal, rehearse, SPEED, WORKFLOW_USER, ZONES } from './upgrade/rehearsal.ts';
import { releaseFinalizers } from './upgrade/release-finalizers.ts';
import {
  at,
  budgetsOf,
  codeOf,
  isDone,
  patched,
  podsOf,
  resourceOf,
  tracesOn,
  whyFailed,
} from './upgrade/what-happened.ts';
import { createWorkload } from './upgrade/workload.ts';

/** After a stop, as the design has it: nothing is begun from then on. In simulated time. */
const STOPPED_SECONDS = 15;

/** A group of so many nodes in one zone, on which only its own workload runs. */
const group = (name: string, nodes: number, more: object = {}) => ({
  name,
  zones: [ZONES[0] as string],
  minSize: nodes,
  desiredCapacity: nodes,
  maxSize: nodes + 1,
  amiId: OLD_AMI,
  labels: { role: name },
  ...more,
});

const leaseOf = (name: string) =>
  `/apis/coordination.k8s.io/v1/namespaces/${LEASE_NAMESPACE}/leases/${leaseName(name)}`;

describe('upgrades of a real cluster in which something else goes wrong', () => {
  let rehearsal: Rehearsal;

  before(async function () {
    this.timeout(180_000);
    const others = [
      group('taken-over', 6),
      group('restarted', 4),
      group('lease', 3),
      group('finalizers', 2),
      group('crowded', 1, { capacity: { pods: 130 } }),
    ];
    rehearsal = await rehearse(1, 'token', {}, others);
  });

  after(() => rehearsal.stop());

  const start = (name: string, input: object = {}, run = name) =>
    rehearsal.start({ autoScalingGroupName: name, ...input }, run);
  const nodesOf = async (role: string) =>
    (await rehearsal.nodes()).filter(({ metadata }) => metadata.labels?.role === role);
  const evictions = (namespace: string): AuditEvent[] =>
    rehearsal
      .audit()
      .filter(
        (event) =>
          event.user.username === WORKFLOW_USER &&
          resourceOf(event) === 'pods/eviction' &&
          event.objectRef?.namespace === namespace,
      );
  const evicted = (namespace: string) =>
    evictions(namespace)
      .filter(isDone)
      .map(({ objectRef }) => objectRef?.name);
  const inHand = async (role: string) =>
    (await nodesOf(role)).filter(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] !== undefined).length;

  /** The group runs the new AMI on so many nodes, its pods are Ready, and nothing of ours is left. */
  async function assertUpgraded(execution: Execution, role: string, nodes: number): Promise<void> {
    assert.equal(execution.status, 'SUCCEEDED', whyFailed(execution));
    await rehearsal.until('the old nodes are gone', async () => (await nodesOf(role)).length === nodes);
    await rehearsal.until('every pod is at home again', async () =>
      (await rehearsal.list<Pod>(podsOf(role))).every(isReady),
    );
    for (const node of await nodesOf(role)) assert.deepEqual(tracesOn(node), [], node.metadata.name);
    const members = rehearsal.served.sandbox.region.state.autoScaling.groups.get(role)?.members.values() ?? [];
    assert.deepEqual(new Set([...members].map(({ instance }) => instance.image.id)), new Set([NEW_AMI]));
    await rehearsal.until(
      'the Lease is gone',
      async () => (await rehearsal.cluster.request('GET', leaseOf(role))).status === 404,
    );
    const names = evicted(role);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      'no pod is evicted twice',
    );
  }

  async function stopAndStartAgain() {
    const name = 'taken-over';
    await createWorkload(rehearsal, { name, replicas: 6, maxUnavailable: 0 });
    const input = { updateConfig: { maxUnavailable: 3 } };
    const { stepFunctions } = rehearsal.served.sandbox;
    const first = start(name, input, 'stopped');
    await rehearsal.until('three nodes are being drained', async () => (await inHand(name)) === 3);
    const asked = () => new Set(evictions(name).map(({ objectRef }) => objectRef?.name)).size;
    await rehearsal.until('a budget blocks them', () => asked() >= 3);
    stepFunctions.stop(first, {});
    await sleep((STOPPED_SECONDS / SPEED) * 1000);
    const afterStop = await inHand(name);
    const second = start(name, input, 'takes-over');
    await sleep((STOPPED_SECONDS / SPEED) * 1000);
    const afterStart = await inHand(name);
    await rehearsal.patch(`${budgetsOf(name)}/${name}`, { spec: { maxUnavailable: 3 } });
    await rehearsal.ended(second);
    const drains = stepFunctions.machines.flatMap((machine) => stepFunctions.executionsOf(machine));
    return {
      first,
      second,
      afterStop,
      afterStart,
      drains: drains.filter((each) => each.name.startsWith(`${name}-i-`)),
    };
  }

  async function loseTheLease() {
    await createWorkload(rehearsal, { name: 'lease', replicas: 6, maxUnavailable: 1 });
    const execution = start('lease');
    await rehearsal.until('a drain is under way', () => evicted('lease').length >= 1);
    const { status } = await rehearsal.cluster.request('DELETE', leaseOf('lease'));
    await rehearsal.ended(execution);
    return { execution, status };
  }

  async function keepFinalizers() {
    const name = 'finalizers';
    await createWorkload(rehearsal, { name, replicas: 4, finalizers: ['example.invalid/archived'] });
    const released = releaseFinalizers(rehearsal, name, 3);
    const execution = await rehearsal.ended(start(name));
    return { execution, releases: await released.stop() };
  }

  async function crowd() {
    await createWorkload(rehearsal, { name: 'crowded', replicas: 110 });
    return rehearsal.ended(start('crowded'));
  }

  describe('each in a group of its own', () => {
    let takenOver: Awaited<ReturnType<typeof stopAndStartAgain>>;
    let lost: Awaited<ReturnType<typeof loseTheLease>>;
    let kept: Awaited<ReturnType<typeof keepFinalizers>>;
    let crowded: Execution;

    // They do not touch each other, so they need not wait for each other.
    before(async function () {
      this.timeout(180_000);
      [takenOver, lost, kept, crowded] = await Promise.all([
        stopAndStartAgain(),
        loseTheLease(),
        keepFinalizers(),
        crowd(),
      ]);
    });

    it('a run with three nodes at a time that is stopped in mid-drain begins nothing more, and the next one takes over', async () => {
      const { first, second, afterStop, afterStart, drains } = takenOver;
      assert.equal(first.status, 'ABORTED');
      assert.deepEqual([afterStop, afterStart], [3, 3], 'nodes in hand while a budget blocks them');
      await assertUpgraded(second, 'taken-over', 6);
      const drained = drains.map(({ input }) => (input.value as { node: { instanceId: string } }).node.instanceId);
      assert.equal(new Set(drained).size, drained.length, 'no node is drained by two executions');
      assert.ok(drains.every(({ status }) => status === 'SUCCEEDED'));
    });

    it('a Lease that somebody deletes in mid-drain is written again, and the run goes on', async () => {
      assert.equal(lost.status, 200);
      await assertUpgraded(lost.execution, 'lease', 3);
    });

    it('pods with finalizers are waited for: no node is cordoned before they are gone', async () => {
      const { execution, releases } = kept;
      await assertUpgraded(execution, 'finalizers', 2);
      const names = evicted('finalizers');
      assert.ok(names.length >= 4);
      const cordons = rehearsal
        .audit()
        .filter((event) => event.user.username === WORKFLOW_USER && isDone(event) && resourceOf(event) === 'nodes')
        .filter((event) => event.verb === 'patch' && patched(event).spec?.unschedulable === true);
      for (const name of names) {
        const { nodeName, releasedAt } = releases.get(name ?? '') ?? {};
        const cordon = cordons.find(({ objectRef }) => objectRef?.name === nodeName);
        assert.ok(cordon !== undefined && at(cordon) > (releasedAt ?? Number.NaN), `${nodeName} was kept for ${name}`);
      }
    });

    it('a node with 110 pods is emptied by one eviction for each', async () => {
      await assertUpgraded(crowded, 'crowded', 1);
      const codes = evictions('crowded').map(codeOf);
      assert.deepEqual([codes.length, new Set(codes)], [110, new Set([201])]);
    });
  });

  it('an API server that is killed in mid-drain and comes back costs no node and no pod', async () => {
    await createWorkload(rehearsal, { name: 'restarted', replicas: 8, maxUnavailable: 1 });
    const execution = start('restarted', { updateConfig: { maxUnavailable: 2 } });
    await rehearsal.until('a drain is under way', () => evicted('restarted').length >= 1);
    await rehearsal.controlPlane.crashApiServer(5);
    await rehearsal.ended(execution);
    await assertUpgraded(execution, 'restarted', 4);
    const output = execution.output?.value as { upgrade?: { parked?: number } } | undefined;
    assert.equal(output?.upgrade?.parked, 0, 'no node was blocked');
  });
});
