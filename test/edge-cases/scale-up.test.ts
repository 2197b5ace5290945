import assert from 'node:assert/strict';
import { runIdOf } from '../../domain/admission/entry.ts';
import { believeOthers } from '../../domain/admission/foreign-changes.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import { writeRecord } from '../../domain/admission/record-text.ts';
import { afterStall } from '../../domain/admission/stall.ts';
import { assessNewNodes, permanentFailure } from '../../domain/nodegroup/new-nodes.ts';
import { SCALE_DOWN_DISABLED, taintOutdated, UNSCHEDULABLE_TAINT } from '../../domain/nodegroup/node-ownership.ts';
import { joinGroup } from '../../domain/nodegroup/nodegroup.ts';
import { originalSettingsTags, originalSizes } from '../../domain/nodegroup/original-settings.ts';
import { warnOfChange } from '../../domain/nodegroup/scale-down.ts';
import { resolveSurge } from '../../domain/plan/parallelism-and-surge.ts';
import { taintOutdatedNodes } from '../../functions/taint-outdated-nodes.ts';
import { observationOf, readAll } from '../../operations/admission/observe.ts';
import { changeNode } from '../../operations/nodegroup/change-node.ts';
import { observeNewNodes } from '../../operations/scale/observe-new-nodes.ts';
import { raiseSurge } from '../../operations/scale/raise-surge.ts';
import statemachines from '../../statemachines/load.cjs';
import { accountsWith } from '../domain/admission/entry-builders.ts';
import { seenOf, someFacts, someMembers } from '../domain/admission/facts-builder.ts';
import {
  aGroup,
  aGroupInstance,
  aGroupNode,
  aLease,
  aNode,
  anInstance,
  anUnregisteredMember,
  aRun,
  NEW_AMI,
  NOW_AT,
  ZONES,
} from '../domain/builders.ts';
import { groupOf, LEASE, setGroup, setNode, TEMPLATE } from '../operations/clean-up/world.ts';
import { addNewNode, createPorts, type PortsInMemory } from '../operations/ports-in-memory.ts';
import { at, planOf, testEdgeCases, warns, worldWith } from './set-up.ts';

const [A, B, C] = ZONES;
const RUN = aRun({ startedAt: NOW_AT });
const old = someMembers(3);
const fresh = (zone: string, instanceId: string, isReady = true) =>
  aGroupNode({ instanceId, zone, isReady, isOutdated: false });

/** Let the run hold the record before it has added anything. */
function holdRecord({ kubernetes }: PortsInMemory, overrides: Partial<Accounts> = { surge: 0 }): void {
  const { memory, ...accounts } = { ...accountsWith([]), ...overrides };
  const own = { ...accounts, memory: { ...memory, runId: runIdOf(RUN.executionArn) } };
  kubernetes.leases.set(LEASE, writeRecord(aLease(), { nonce: 'earlier', accounts: own, inputs: {} }));
}

/** A group of three that has been asked for three more. */
function surging(): PortsInMemory {
  const ports = createPorts();
  setGroup(ports, { desiredCapacity: 6 });
  return ports;
}

async function observe(ports: PortsInMemory, deadlineAt = at(900)) {
  const reading = await readAll(ports.deps, RUN);
  const seen = observationOf(reading, RUN, '4');
  return observeNewNodes(ports.deps, { run: RUN, requestedAt: NOW_AT, deadlineAt }, { reading, seen });
}

const surgeFor = (outdated: number, counts: readonly (readonly [string, number])[]) =>
  resolveSurge({ config: {}, parallelism: 1, outdated, zones: ZONES, counts: new Map(counts), roundSeconds: 90 });

testEdgeCases('the scale-up', [
  [
    'F14 nodes that an earlier run has renewed are not tainted, cover their zone, and are not taken again',
    async () => {
      const ports = createPorts();
      addNewNode(ports, 'renewed', { zone: A, launchTemplateVersion: 4 });
      assert.deepEqual((await planOf(ports)).nodes.outdated, 3);
      await taintOutdatedNodes.run({ run: RUN, launchTemplate: TEMPLATE }, ports.deps);
      assert.deepEqual(ports.kubernetes.nodes.get('renewed')?.taints, []);
      assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, [UNSCHEDULABLE_TAINT]);
      const found = assessNewNodes([...old, fresh(A, 'i-9')], 4, RUN);
      assert.deepEqual(found.uncoveredZones, [B, C]);
    },
  ],
  [
    'F16 maximum and desired size are raised in one call, and the minimum stays',
    async () => {
      const ports = worldWith({ minSize: 3, maxSize: 3, desiredCapacity: 3 });
      holdRecord(ports);
      await raiseSurge(ports.deps, { run: RUN, launchTemplate: TEMPLATE });
      const resizes = ports.changes.filter((change) => change.startsWith('resize'));
      assert.deepEqual(resizes, ['resize workers {"maxSize":6,"desiredCapacity":6}']);
      assert.equal(groupOf(ports).minSize, 3);
    },
  ],
  [
    'F35 the original sizes are written once: neither a retry nor the next run takes raised sizes for them',
    async () => {
      const tags = originalSettingsTags(aGroup(), RUN);
      const raised = { ...aGroup(), tags, maxSize: 9, desiredCapacity: 6 };
      assert.deepEqual(originalSizes(raised), RUN.originalSizes);
      assert.deepEqual(originalSettingsTags(raised, { ...RUN, originalSizes: originalSizes(raised) }), {});
      const ports = createPorts();
      holdRecord(ports);
      await raiseSurge(ports.deps, { run: RUN, launchTemplate: TEMPLATE });
      await raiseSurge(ports.deps, { run: RUN, launchTemplate: TEMPLATE });
      assert.equal(groupOf(ports).desiredCapacity, 6, 'the surge does not add up');
    },
  ],
  [
    'F36 the surge counts all zones of the group, and only zones that hold outdated nodes must get a new one',
    () => {
      const inEachZone = ZONES.map((zone) => [zone, 10] as const);
      assert.equal(surgeFor(30, inEachZone).nodes, 6, 'twice its three zones, one node at a time');
      const { uncoveredZones } = assessNewNodes([aGroupNode({ zone: A })], 4, RUN);
      assert.deepEqual(uncoveredZones, [A]);
    },
  ],
  [
    'F37 the surge is no larger than the number of outdated nodes, unless a zone would get none',
    () =>
      assert.equal(
        surgeFor(
          3,
          [A, B, C].map((zone) => [zone, 1] as const),
        ).nodes,
        3,
      ),
  ],
  [
    'F38 as many new nodes as were asked for are not enough while a zone has none: the run waits, and then quotes the failed launch',
    async () => {
      const ports = surging();
      for (const name of ['x', 'y', 'z']) addNewNode(ports, name, { zone: A, launchTemplateVersion: 4 });
      ports.aws.launchFailures.push({
        startedAt: at(1),
        zone: C,
        message: 'We currently do not have sufficient capacity',
      });
      const found = await observe(ports);
      assert.deepEqual([found.status, found.newReadyNodes, found.uncoveredZones], ['waiting', 3, [B, C]]);
      await assert.rejects(observe(ports, NOW_AT), {
        name: 'NodeCreationFailure',
        message: /no new node in eu-west-1b, eu-west-1c; last failed launch \(eu-west-1c\): .* sufficient capacity/,
      });
    },
  ],
  [
    'F39 a launch that no waiting mends ends the run at once, unless it failed before the run asked',
    async () => {
      const message = 'The image id does not exist';
      const ports = surging();
      ports.aws.launchFailures.push({ startedAt: at(-60), message });
      assert.equal((await observe(ports)).status, 'waiting');
      ports.aws.launchFailures.push({ startedAt: at(1), message });
      await assert.rejects(observe(ports), { name: 'NodeCreationFailure', message: /does not exist/ });
      assert.equal(permanentFailure([{ startedAt: at(1), message: 'no Spot capacity: invalid bid' }]), undefined);
    },
  ],
  [
    'F40 instances that never register are named after their time is over, and no old node has been tainted',
    async () => {
      const ports = surging();
      addNewNode(ports, 'new', { zone: A, launchTemplateVersion: 4 });
      ports.kubernetes.nodes.delete('new');
      const message = /not Ready or not registered: i-of-new; the Auto Scaling group reports no failed launch/;
      await assert.rejects(observe(ports, NOW_AT), { name: 'NodeCreationFailure', message });
      assert.deepEqual(ports.changes, []);
    },
  ],
  [
    'F41 a node is not Ready without registration, providerID, the labels of its group, or with a start-up taint',
    () => {
      const instance = aGroupInstance({ launchTemplateVersion: 4 });
      const requiredLabels = { 'eks.amazonaws.com/nodegroup': 'workers' };
      const isReady = (node: Parameters<typeof aNode>[0] | undefined) =>
        joinGroup({
          group: aGroup({ instances: [instance] }),
          instances: [anInstance({ imageId: NEW_AMI })],
          nodes: node === undefined ? [] : [aNode({ labels: requiredLabels, ...node })],
          target: RUN.target,
          requiredLabels,
        })[0]?.isReady;
      const { instanceId: _, ...withoutProvider } = aNode({ labels: requiredLabels });
      const group = aGroup({ instances: [instance] });
      const joined = joinGroup({ group, instances: [], nodes: [withoutProvider], target: RUN.target });
      const taints = [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }];
      assert.equal(isReady({}), true);
      assert.deepEqual(
        [isReady(undefined), isReady({ isReady: false }), isReady({ labels: {} }), isReady({ taints })],
        [false, false, false, false],
      );
      assert.equal(joined[0]?.isReady, false);
    },
  ],
  [
    'F42 an instance that is replaced during the wait is replaced in the count: each look begins anew',
    () => {
      const others = [...old, fresh(A, 'i-4'), fresh(B, 'i-5'), fresh(C, 'i-6')];
      const without = assessNewNodes(others, 7, RUN);
      const replaced = assessNewNodes([...others, fresh(A, 'i-9')], 7, RUN);
      assert.deepEqual([without.status, replaced.status], ['waiting', 'ready']);
    },
  ],
  [
    'F43 instances in Standby, detached, warmed or terminating are no members; Pending and unknown states are not Ready',
    async () => {
      const memberIn = (lifecycleState: string) =>
        joinGroup({
          group: aGroup({ instances: [aGroupInstance({ lifecycleState })] }),
          instances: [],
          nodes: [aNode()],
          target: RUN.target,
        }).map(({ isReady }) => isReady);
      for (const state of ['Standby', 'Detached', 'Warmed:Stopped', 'Terminating:Wait']) {
        assert.deepEqual(memberIn(state), [], state);
      }
      for (const state of ['Pending:Wait', 'Quarantined']) assert.deepEqual(memberIn(state), [false], state);
      const instances = [
        ...aGroup().instances.slice(0, 2),
        aGroupInstance({ instanceId: 'i-0f', lifecycleState: 'Standby' }),
      ];
      await warns(worldWith({ instances }), /i-0f in Standby: not replaced; they stay outdated/);
    },
  ],
  [
    'F44 new nodes are protected from Cluster Autoscaler as soon as they are seen; surge that it takes back is raised three times',
    async () => {
      const ports = surging();
      addNewNode(ports, 'new', { zone: A, launchTemplateVersion: 4 });
      await observe(ports);
      assert.equal(ports.kubernetes.nodes.get('new')?.annotations[SCALE_DOWN_DISABLED], 'true');
      const { memory } = accountsWith([]);
      const gone = (raises: number) =>
        afterStall(someFacts({ seen: seenOf(old) }, { surge: 0, memory: { ...memory, missingSurge: 3, raises } }), {
          rule: 'capacity',
          reason: 'too few',
        });
      assert.deepEqual([gone(2).kind, gone(3).kind], ['moreSurge', 'stop']);
    },
  ],
  [
    'F45 what somebody else adds to the desired capacity in the middle of a run stays, and the run reports it',
    () => {
      const seen = (seconds: number) =>
        seenOf(someMembers(8), { at: at(seconds), sizes: { minSize: 0, maxSize: 9, desiredCapacity: 8 } });
      const once = believeOthers(accountsWith([]), seen(0));
      const twice = believeOthers(once, seen(60));
      assert.deepEqual([once.wish, twice.wish, twice.surge], [3, 5, 3]);
      assert.match(warnOfChange(RUN, { minSize: 1, maxSize: 9, desiredCapacity: 5 }).join(), /by \+2 .* is kept/);
    },
  ],
  [
    'F46 a taint is added to the taints that others have set, again after a conflict, and not to a node that is gone',
    async () => {
      const ports = createPorts();
      const stale = aNode({ ...(ports.kubernetes.nodes.get('node-0') ?? {}) });
      const theirs = { key: 'team', value: 'shop', effect: 'NoSchedule' };
      let attempts = 0;
      const patch = ports.cluster.patchNode;
      ports.cluster.patchNode = async (name, change) => {
        attempts += 1;
        if (attempts > 1) return patch(name, change);
        setNode(ports, name, { taints: [theirs], resourceVersion: '200' });
        return 'conflict';
      };
      await changeNode(ports.cluster, stale, (node) => taintOutdated(node, 'tuesday'));
      assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, [theirs, UNSCHEDULABLE_TAINT]);
      assert.equal(taintOutdated(aNode({ taints: [UNSCHEDULABLE_TAINT] }), 'tuesday'), undefined);
      ports.kubernetes.nodes.delete('node-0');
      assert.equal(await changeNode(ports.cluster, stale, (node) => taintOutdated(node, 'tuesday')), 'absent');
    },
  ],
  [
    'F47 no old node is tainted before the new ones are Ready in every zone',
    async () => {
      const ports = surging();
      await observe(ports);
      assert.deepEqual(ports.changes, []);
      const { States } = statemachines.upgradeNodegroup();
      const before = Object.entries(States).filter(([, state]) =>
        JSON.stringify(state).includes('"TaintOutdatedNodes"'),
      );
      assert.deepEqual(
        before.map(([name]) => name),
        ['AreNewNodesReady'],
      );
      assert.match(JSON.stringify(States.AreNewNodesReady), /"StringEquals":"ready","Next":"TaintOutdatedNodes"/);
      assert.equal(
        assessNewNodes([...old, fresh(A, 'i-4'), anUnregisteredMember({ isOutdated: false })], 5, RUN).status,
        'waiting',
      );
    },
  ],
]);
