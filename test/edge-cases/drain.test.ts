import assert from 'node:assert/strict';
import { withBearerToken } from '../../clients/kubernetes/transport.ts';
import { NODE_RULES } from '../../domain/admission/node-rules.ts';
import { inRandomOrder } from '../../domain/admission/order.ts';
import { budgetAdvice } from '../../domain/drain/budget-advice.ts';
import { decideDrainRound } from '../../domain/drain/drain.ts';
import { goneDaemonSets, withoutGoneOwners } from '../../domain/drain/gone-owners.ts';
import { deadlineOf } from '../../domain/drain/node-step.ts';
import { findBlockingPods } from '../../domain/drain/planned-blocking-pods.ts';
import { countRemaining, sortPods } from '../../domain/drain/pod-filters.ts';
import { UNSCHEDULABLE_TAINT } from '../../domain/nodegroup/node-ownership.ts';
import type { Drain, WorkflowRun } from '../../domain/state.ts';
import type { EvictionOutcome, Pod } from '../../domain/types.ts';
import { beginDrain } from '../../operations/drain/begin-drain.ts';
import { cordonEmptyNode } from '../../operations/drain/cordon-empty-node.ts';
import { drainWithinStep } from '../../operations/drain/drain-within-step.ts';
import { terminateEmptyNode } from '../../operations/drain/terminate-empty-node.ts';
import { type Answer, fakeCluster, fakeTransport, statusOf } from '../clients/kubernetes/fake-kubernetes.ts';
import { seenOf, someFacts, someMembers } from '../domain/admission/facts-builder.ts';
import { aBarePod, aBudget, aGroupNode, aPod, aRun, NOW_AT } from '../domain/builders.ts';
import { setGroup } from '../operations/clean-up/world.ts';
import { aDrain, aStep, drainedNodeOf, nodeInHand, nodeOf, onNode } from '../operations/drain/node-world.ts';
import type { PortsInMemory } from '../operations/ports-in-memory.ts';
import { at, refuses, testEdgeCases, worldWith } from './set-up.ts';

const EVICT_ALL = { unmanaged: 'evict', localStorage: 'evict' } as const;
const REFUSE_ALL = { unmanaged: 'refuse', localStorage: 'refuse' } as const;
const EXHAUSTED = aBudget({ disruptionsAllowed: 0, currentHealthy: 2 });
const ownedBy = (kind: string) => ({ kind, name: 'x', uid: 'uid-of-owner' });

/** A node in hand with these pods, behind the taint. */
function withPods(...pods: Pod[]): PortsInMemory {
  const ports = nodeInHand(...pods);
  ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), taints: [UNSCHEDULABLE_TAINT] });
  return ports;
}

type UnderWay = Extract<Drain, { status: 'draining' | 'drained' | 'blocked' }>;

/** Drain it for one step. */
async function drain(ports: PortsInMemory, run: Partial<WorkflowRun> = {}, timeoutSeconds = 900): Promise<UnderWay> {
  const target = { node: drainedNodeOf(ports), startedAt: NOW_AT, deadlineAt: at(timeoutSeconds) };
  return (await drainWithinStep(ports.deps, aRun(run), target, { status: 'pending' })) as UnderWay;
}

const causeOf = (end: UnderWay) => ('cause' in end ? end.cause : end.status);
const evict = (answer: Answer) => fakeCluster(answer).cluster.evict(aPod());
const statusOfEviction = async (answer: Answer) => (await evict(answer)).status;

/** What a round of a drain calls for in which one pod was answered so. */
const decide = (outcome: EvictionOutcome, force = false, deadlineAt = at(60)) =>
  decideDrainRound(
    {
      nowAt: NOW_AT,
      pods: sortPods([aPod()], EVICT_ALL),
      answers: new Map([[aPod().uid, outcome]]),
      attachedVolumes: [],
    },
    deadlineAt,
    { force },
  ).status;

const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";
const byBudget = (message: string, more: object = {}) =>
  statusOf(429, VIOLATES, { details: { causes: [{ reason: 'DisruptionBudget', message }], ...more } });
const SEVERAL = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';

testEdgeCases('the drain', [
  [
    'F48 pods that find no node yet are no failure: they are not on the node that is drained, and no budget is asked about them',
    async () => {
      const ports = withPods(onNode());
      const { nodeName: _, ...unplaced } = aPod({ uid: 'successor', phase: 'Pending', isReady: false });
      ports.clock.after(1, () => ports.kubernetes.pods.set('successor', unplaced));
      assert.equal((await drain(ports)).status, 'drained');
      const { cluster, asked } = fakeCluster({ object: { items: [] } });
      await cluster.listPodsOnNode('node-0');
      assert.equal(asked[0]?.query.fieldSelector, 'spec.nodeName=node-0');
      const settings = { drainTimeoutSeconds: 900, pods: EVICT_ALL };
      assert.deepEqual(findBlockingPods([unplaced], [EXHAUSTED, aBudget({ name: 'second' })], settings), []);
    },
  ],
  [
    'F49 a pod with two budgets blocks its node at once, with both names, and force deletes it when its time is over',
    async () => {
      assert.equal(await statusOfEviction(statusOf(500, SEVERAL)), 'ambiguous');
      const ports = withPods(onNode());
      ports.kubernetes.budgets = [aBudget(), aBudget({ name: 'second' })];
      assert.match(causeOf(await drain(ports)), /more than one PodDisruptionBudget .*\(shop\/checkout, shop\/second\)/);
      assert.equal(ports.clock.now().toISOString(), NOW_AT);
      assert.equal(decide({ status: 'ambiguous', message: SEVERAL }, true), 'waitForBudget');
      assert.equal((await drain(ports, { force: true }, 0)).deletedCount, 1);
    },
  ],
  [
    'F50 a budget that allows none is asked again every 5 s, an overloaded API as it says, and both end with the drain',
    async () => {
      assert.equal(await statusOfEviction(byBudget('needs 3 healthy pods')), 'blocked');
      const waits = async (answer: Answer) => {
        const outcome = await evict(answer);
        return outcome.status === 'later' ? outcome.retryAfterSeconds : outcome.status;
      };
      assert.equal(await waits({ status: 429, pieces: ['Too many requests'] }), 5);
      assert.equal(await waits(byBudget('still being processed', { retryAfterSeconds: 10 })), 10);
      const ports = withPods(onNode());
      ports.kubernetes.budgets = [EXHAUSTED];
      ports.clock.after(12, () => {
        ports.kubernetes.budgets = [aBudget()];
      });
      assert.equal((await drain(ports)).status, 'drained');
      assert.equal(ports.clock.now().toISOString(), at(20));
    },
  ],
  [
    'F51 a pod that is gone, or whose name another has, is done; every eviction names the uid that it means',
    async () => {
      assert.equal(await statusOfEviction(statusOf(404, 'pods "a" not found')), 'absent');
      assert.equal(
        await statusOfEviction(statusOf(409, 'Precondition failed: UID in precondition: a, UID in object meta: b')),
        'absent',
      );
      const { cluster, asked } = fakeCluster(statusOf(201, ''));
      await cluster.evict(aPod());
      assert.match(JSON.stringify(asked[0]?.object), new RegExp(`"preconditions":\\{"uid":"${aPod().uid}"\\}`));
    },
  ],
  [
    'F52 a namespace that is being deleted is waited for; any other refusal blocks the pod in its own words',
    async () => {
      const details = { causes: [{ reason: 'NamespaceTerminating', message: '' }] };
      assert.equal(
        await statusOfEviction(statusOf(403, 'it is being terminated', { reason: 'Forbidden', details })),
        'later',
      );
      const denied = statusOf(403, 'admission webhook "keep" denied the request: keep it', { reason: 'Forbidden' });
      assert.deepEqual(await evict(denied), {
        status: 'refused',
        message: 'admission webhook "keep" denied the request: keep it',
      });
    },
  ],
  [
    'F53 a pod that is stopping already is waited for and not evicted again',
    async () => {
      const ports = withPods(onNode({ deletionDeadlineAt: at(30) }));
      ports.clock.after(10, () => ports.kubernetes.pods.clear());
      assert.equal((await drain(ports)).status, 'drained');
      assert.deepEqual(ports.changes, []);
    },
  ],
  [
    'F54 a pod that does not stop counts as gone where the kubelet is dead; elsewhere the drain names it when its time is over',
    async () => {
      const stuck = withPods(onNode({ deletionDeadlineAt: at(-120) }));
      assert.match(causeOf(await drain(stuck, {}, 20)), /should have stopped by .*check for a finalizer/);
      const dead = withPods(onNode({ deletionDeadlineAt: at(-120) }));
      dead.kubernetes.nodes.set('node-0', { ...nodeOf(dead), isReady: false });
      const { status, presumedGone } = await drain(dead);
      assert.deepEqual([status, presumedGone.length], ['drained', 1]);
    },
  ],
  [
    'F55 the plan warns of a grace period longer than the drain timeout, and names a timeout that would be enough',
    () => {
      const settings = { drainTimeoutSeconds: 900, pods: EVICT_ALL };
      const [found] = findBlockingPods([aPod({ gracePeriodSeconds: 1200 })], [], settings);
      assert.deepEqual([found?.reason, found?.advice], ['gracePeriod', 'set drainTimeoutSeconds to 1260 or more']);
    },
  ],
  [
    'F56 pods of DaemonSets and static pods stay; a pod whose DaemonSet is gone counts as one without a controller',
    () => {
      const daemon = aPod({ owner: ownedBy('DaemonSet') });
      const kept = [daemon, aPod({ isMirror: true }), aPod({ owner: ownedBy('Node') })];
      assert.equal(countRemaining(sortPods(kept, REFUSE_ALL)), 0);
      const orphans = withoutGoneOwners([daemon], goneDaemonSets([daemon], []));
      assert.equal(sortPods(orphans, EVICT_ALL).evict.length, 1);
      assert.equal(sortPods(orphans, REFUSE_ALL).refused[0]?.refusal, 'unmanaged');
    },
  ],
  [
    'F57 bare pods and emptyDir data are evicted as EKS does, or refused as kubectl does; finished pods never block',
    () => {
      const pods = [aBarePod({ uid: 'bare' }), aPod({ uid: 'local', hasLocalStorage: true })];
      assert.equal(sortPods(pods, EVICT_ALL).evict.length, 2);
      assert.deepEqual(
        sortPods(pods, REFUSE_ALL).refused.map(({ refusal }) => refusal),
        ['unmanaged', 'localStorage'],
      );
      const finished = ['Succeeded', 'Failed'].map((phase) => aBarePod({ phase, hasLocalStorage: true }));
      assert.equal(countRemaining(sortPods(finished, REFUSE_ALL)), 0);
    },
  ],
  [
    'F58 a pod that tolerates the taint and comes back is evicted three times, then named and not waited for',
    async () => {
      const ports = withPods();
      const owner = ownedBy('ReplicaSet');
      const tolerations = [{ operator: 'Exists' }];
      const create = (uid: string) => ports.kubernetes.pods.set(uid, onNode({ uid, name: uid, owner, tolerations }));
      create('cart-0');
      const ask = ports.cluster.evict;
      let evictions = 0;
      ports.cluster.evict = async (pod) => {
        evictions += 1;
        const name = `cart-${evictions}`;
        ports.clock.after(1, () => create(name));
        return ask(pod);
      };
      const { status, ignored } = await drain(ports);
      assert.deepEqual([status, evictions, ignored], ['drained', 3, ['shop/cart-3']]);
    },
  ],
  [
    'F59 a budget over pods that are all unhealthy is named, with the setting that lets them go',
    () => {
      const budget = aBudget({ disruptionsAllowed: 0, currentHealthy: 0 });
      assert.match(budgetAdvice(aPod({ isReady: false }), budget), /unhealthyPodEvictionPolicy: AlwaysAllow/);
    },
  ],
  [
    'F60 force deletes only when the time for evictions is over, and lets pods have their grace period',
    async () => {
      const blocked: EvictionOutcome = { status: 'blocked', message: '' };
      assert.deepEqual([decide(blocked, true), decide(blocked, true, NOW_AT)], ['waitForBudget', 'deleteRest']);
      assert.equal(decide(blocked, false, NOW_AT), 'blocked');
      const { cluster, asked } = fakeCluster({ object: {} });
      await cluster.deletePod(aPod());
      assert.doesNotMatch(JSON.stringify(asked[0]?.object), /gracePeriodSeconds/);
    },
  ],
  [
    'F61 force without the right to delete pods is refused by the plan',
    async () => {
      const ports = worldWith({});
      ports.kubernetes.missingRights.add('delete pods');
      await refuses(ports, 'AccessDenied', /is not allowed to delete pods .*rbac-force\.yaml/, { force: true });
    },
  ],
  [
    'F62 a list is read to its last page, and begun again when its token has expired',
    async () => {
      const page = (names: string[], token?: string): Answer => ({
        object: {
          metadata: { resourceVersion: '41', continue: token },
          items: names.map((name) => ({ metadata: { name } })),
        },
      });
      const expired = statusOf(410, 'The provided continue parameter is too old', { reason: 'Expired' });
      const { cluster } = fakeCluster(page(['a'], '1'), expired, page(['a', 'b'], '2'), page(['c']));
      assert.deepEqual(
        (await cluster.listNodes()).map(({ name }) => name),
        ['a', 'b', 'c'],
      );
    },
  ],
  [
    'F63 a drain waits until the volumes of its pods are detached, at most until its deadline',
    async () => {
      const withVolume = () => {
        const ports = withPods(onNode({ volumeClaims: ['data'] }));
        ports.kubernetes.attachments = [{ nodeName: 'node-0', persistentVolumeName: 'pv-1' }];
        ports.kubernetes.claims.set('pv-1', 'shop/data');
        return ports;
      };
      const ports = withVolume();
      ports.clock.after(14, () => ports.kubernetes.attachments.splice(0));
      assert.equal((await drain(ports)).status, 'drained');
      assert.equal(ports.clock.now().toISOString(), at(15));
      assert.equal((await drain(withVolume(), {}, 20)).status, 'drained');
    },
  ],
  [
    'F64 no node is taken while its zone has no new Ready node, also when the one that was there has died since',
    () => {
      const node = aGroupNode({ instanceId: 'i-0' });
      const tally = {
        free: 9,
        floor: 3,
        ready: 9,
        contended: new Set<string>(),
        isDecremented: false,
        waitingZones: new Set<string>(),
      };
      const members = (isReady: boolean) => [...someMembers(3), ...someMembers(3, { isOutdated: false, isReady }, 3)];
      const verdict = (isReady: boolean) =>
        NODE_RULES.zoneCovered?.(node, tally, someFacts({ seen: seenOf(members(isReady)) }));
      assert.deepEqual([verdict(true), verdict(false)], [undefined, 'no new node is Ready in eu-west-1a']);
    },
  ],
  [
    'F65 a node that vanished before its drain is done without an eviction or a termination',
    async () => {
      const ports = nodeInHand();
      ports.kubernetes.nodes.delete('node-0');
      setGroup(ports, { instances: [] });
      const begun = await beginDrain(ports.deps, aStep());
      assert.equal(begun.status, 'absent');
      assert.deepEqual(ports.changes, []);
    },
  ],
  [
    'F66 a step drains for 40 s at most, and no retry moves the deadline',
    async () => {
      const ports = withPods(onNode());
      ports.kubernetes.budgets = [EXHAUSTED];
      const { status } = await drain(ports);
      assert.equal(status, 'draining');
      assert.ok(ports.clock.now().toISOString() <= at(40));
      const step = aStep();
      assert.deepEqual([deadlineOf(step, at(0)), deadlineOf(step, at(800))], [at(900), at(900)]);
    },
  ],
  [
    'F67 a token that has expired is made again, once for a request',
    async () => {
      const { transport, asked } = fakeTransport({ status: 401, object: {} }, { object: {} });
      const token = async ({ fresh } = { fresh: false }) => (fresh ? 'new' : 'old');
      const { status } = await withBearerToken(transport, token)({ method: 'GET', path: '/version', headers: {} });
      assert.deepEqual(
        [status, asked.map(({ headers }) => headers.authorization)],
        [200, ['Bearer old', 'Bearer new']],
      );
    },
  ],
  [
    'F68 a step that is repeated finds what it has done: one patch, one termination, the same order of nodes',
    async () => {
      const ports = nodeInHand();
      await beginDrain(ports.deps, aStep());
      await beginDrain(ports.deps, aStep());
      assert.deepEqual(ports.changes, ['patchNode node-0']);
      const own = drainedNodeOf(ports);
      const cordon = await cordonEmptyNode(ports.deps, aStep(), own);
      const step = aStep({ drain: { ...aDrain(ports), node: own, status: 'drained', cordon } });
      await terminateEmptyNode(ports.deps, step);
      await terminateEmptyNode(ports.deps, step);
      assert.equal(ports.changes.filter((change) => change.startsWith('terminate')).length, 1);
      const order = () => inRandomOrder(someMembers(9), 'c0ffee00').map(({ instanceId }) => instanceId);
      assert.deepEqual(order(), order());
      assert.notDeepEqual(
        inRandomOrder(someMembers(9), 'another').map(({ instanceId }) => instanceId),
        order(),
      );
    },
  ],
]);
