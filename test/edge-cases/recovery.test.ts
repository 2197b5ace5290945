import assert from 'node:assert/strict';
import { connectAutoScaling } from '../../clients/aws/auto-scaling.ts';
import { connectNodeExecutions } from '../../clients/aws/node-executions.ts';
import { admit } from '../../domain/admission/admit.ts';
import { whatIsLeft } from '../../domain/admission/candidates.ts';
import { nodeExecutionInput, sharedInput } from '../../domain/admission/entry.ts';
import { writeRecord } from '../../domain/admission/record-text.ts';
import { nameOfFailure } from '../../domain/eks-update/failure.ts';
import { ERROR_NAMES } from '../../domain/errors.ts';
import { parseInput } from '../../domain/input/input.ts';
import { describeFailure, type FailureState } from '../../domain/nodegroup/failure.ts';
import { joinMembers } from '../../domain/nodegroup/nodegroup.ts';
import { originalSizes } from '../../domain/nodegroup/original-settings.ts';
import { decideScaleDown, warnOfChange } from '../../domain/nodegroup/scale-down.ts';
import { tidyEndedRuns } from '../../operations/clean-up/janitor.ts';
import { recover } from '../../operations/clean-up/recover.ts';
import { requestTermination } from '../../operations/drain/request-termination.ts';
import { failUpdate } from '../../operations/eks-update/explain-update.ts';
import { followWithinStep } from '../../operations/eks-update/observe-update.ts';
import statemachines from '../../statemachines/load.cjs';
import { fakeAws, jsonError, queryError } from '../clients/aws/fake-aws.ts';
import { fakeCluster } from '../clients/kubernetes/fake-kubernetes.ts';
import { accountsWith, aHeldEntry, anEntry } from '../domain/admission/entry-builders.ts';
import { seenOf, someFacts, someMembers } from '../domain/admission/facts-builder.ts';
import { aBudget, aGroup, aGroupInstance, aLease, aRun, ZONES } from '../domain/builders.ts';
import { aNodegroup } from '../operations/aws-in-memory.ts';
import { groupOf, setGroup, TEMPLATE, underWay } from '../operations/clean-up/world.ts';
import { aStep, INSTANCE, NODE_ENTRY, nodeInHand } from '../operations/drain/node-world.ts';
import { anUpdateError, createUpdateWorld } from '../operations/eks-update/update-world.ts';
import { addNewNode } from '../operations/ports-in-memory.ts';
import { readDefinitions } from '../support/definitions.ts';
import { at, planOf, testEdgeCases, warns, worldWith } from './set-up.ts';

const RUN = aRun();
const FIRST = 'i-00000000000000000';
const fresh = (count: number, first = 3) => someMembers(count, { isOutdated: false }, first);
const sizes = (desiredCapacity: number, minSize = 1, maxSize = 6) => ({ minSize, maxSize, desiredCapacity });

/** A failed run, as far as it got. */
const failed = (overrides: Partial<FailureState> = {}): FailureState => ({
  plan: { run: RUN },
  lock: { status: 'acquired' },
  launchTemplate: TEMPLATE,
  group: { isRebalancingSuspended: true },
  error: { Error: 'PodEvictionFailure', Cause: 'pods block' },
  ...overrides,
});

/** A run under way that has one healthy new node. */
function withNewNode(options: Parameters<typeof underWay>[0] = {}) {
  const ports = underWay(options);
  addNewNode(ports, 'new', { zone: ZONES[0], launchTemplateVersion: 4 });
  return ports;
}

const lastStep = (members: ReturnType<typeof fresh>, desired: number, overrides: object = {}) =>
  decideScaleDown({
    run: RUN,
    accounts: { ...accountsWith([]), surge: 0, ...overrides },
    seen: seenOf(members, { sizes: sizes(desired) }),
    launchesTarget: true,
    maximumSurplus: 0,
    nowAt: at(0),
  }).kind;

testEdgeCases('the end of a run, well or not', [
  [
    'F81 the desired capacity is never simply lowered: surplus nodes are chosen, drained and terminated with a decrement',
    () => {
      assert.equal(lastStep(fresh(5, 0), 5, { surge: 2 }), 'return');
      const seen = seenOf(fresh(5, 0), { sizes: sizes(5) });
      const demands = new Map(seen.members.map(({ instanceId }) => [instanceId, { pods: 0, byBudget: new Map() }]));
      const admission = admit(someFacts({ seen, demands }, { surge: 2 }));
      assert.ok(admission.kind === 'take');
      assert.deepEqual(
        admission.entries.map(({ kind, decrement }) => [kind, decrement]),
        [['surplus', true]],
      );
    },
  ],
  [
    'F82 surplus nodes that are protected from scale-in go all the same, and the end waits until members and desired capacity agree',
    () => {
      const seen = seenOf(someMembers(4, { isOutdated: false, isProtectedFromScaleIn: true }), { sizes: sizes(4) });
      const demands = new Map(seen.members.map(({ instanceId }) => [instanceId, { pods: 0, byBudget: new Map() }]));
      assert.equal(admit(someFacts({ seen, demands }, { surge: 1 })).kind, 'take');
      const leaving = aHeldEntry({ instanceId: 'i-0', state: 'leaving', since: at(-30), decrement: true });
      assert.equal(lastStep(fresh(4, 0), 3, { entries: [leaving] }), 'awaitTerminated');
    },
  ],
  [
    'F83 a group at its minimum size gives back no more: the surplus node is opened again and stays',
    async () => {
      const ports = nodeInHand();
      setGroup(ports, { minSize: 3, desiredCapacity: 3 });
      const node = { ...NODE_ENTRY, decrement: true, kind: 'surplus' as const };
      const end = await requestTermination(ports.deps, aStep({ node }), undefined);
      assert.deepEqual([end.status, 'decrement' in end && end.decrement], ['kept', 'atMinimum']);
      assert.deepEqual(ports.changes, []);
      const refusal =
        "Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group's min size constraint.";
      const { terminate } = connectAutoScaling(fakeAws(queryError('ValidationError', refusal)).config);
      assert.equal(await terminate(INSTANCE, { decrement: true }), 'atMinimum');
    },
  ],
  [
    'F84 nodes that somebody adds during the scale-down stay: nothing is taken for them, and the run succeeds with a warning',
    () => {
      const facts = someFacts({ seen: seenOf(fresh(5, 0), { sizes: sizes(5) }) }, { wish: 5, surge: 0 });
      const seenFirst = { ...facts, accounts: { ...facts.accounts, wish: 3 } };
      assert.deepEqual([whatIsLeft(seenFirst), whatIsLeft(facts)], ['underWay', 'nothing']);
      assert.equal(lastStep(fresh(5, 0), 5, { wish: 5 }), 'done');
      assert.match(warnOfChange(RUN, sizes(5)).join(), /somebody else changed the desired capacity by \+2/);
    },
  ],
  [
    'F85 the maximum is never lowered below the desired capacity, which would kill nodes',
    () => {
      const decide = (desiredCapacity: number) =>
        decideScaleDown({
          run: RUN,
          accounts: { ...accountsWith([]), wish: desiredCapacity, surge: 0 },
          seen: seenOf(fresh(desiredCapacity, 0), { sizes: sizes(desiredCapacity, 1, 6) }),
          launchesTarget: true,
          maximumSurplus: 2,
          nowAt: at(0),
        }).kind;
      assert.deepEqual([decide(5), decide(6)], ['lowerMaximum', 'done']);
    },
  ],
  [
    'F86 after a failure the remaining nodes are usable again, or blocked ones stay cordoned where the input asks for it',
    async () => {
      const ports = withNewNode();
      await recover(ports.deps, failed());
      assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
      assert.equal(parseInput({ clusterName: 'a', autoScalingGroupName: 'b' }).blockedNodes, 'reopen');
      const recovery = {
        status: 'recovered' as const,
        cleanedNodes: 2,
        outdatedNodes: 2,
        renewedNodes: 1,
        desiredCapacity: 3,
      };
      assert.match(describeFailure(failed(), recovery).cause, /2 outdated ones are usable again/);
      assert.match(describeFailure(failed(), { ...recovery, cordonedNodes: 1 }).cause, /1 blocked node stays cordoned/);
    },
  ],
  [
    'F87 after a failure the group keeps the new version where a new node is healthy, and the cause says how to go back',
    async () => {
      const ports = withNewNode();
      const { launchSource } = groupOf(ports);
      assert.ok(launchSource !== undefined);
      setGroup(ports, { launchSource: { ...launchSource, version: '4' } });
      const recovery = await recover(ports.deps, failed());
      assert.equal(groupOf(ports).launchSource?.version, '4');
      assert.match(describeFailure(failed(), recovery).cause, /\{"target": \{"launchTemplateVersion": "3"\}\}\.$/);
    },
  ],
  [
    'F88 what a stopped run has left is cleaned up by the janitor, and the next run finds the original sizes',
    async () => {
      const ports = underWay();
      setGroup(ports, { desiredCapacity: 6, maxSize: 9 });
      const { groups } = await tidyEndedRuns(ports.deps, { detail: {} });
      assert.equal(groups[0]?.outcome.status, 'cleanedUp');
      assert.deepEqual(ports.kubernetes.nodes.get('node-0')?.taints, []);
      assert.deepEqual(originalSizes(groupOf(ports)), RUN.originalSizes);
    },
  ],
  [
    'F89 a new run with the same input continues a failed one: renewed nodes are left, and the sizes are not raised twice',
    async () => {
      const ports = withNewNode();
      setGroup(ports, { desiredCapacity: 4 });
      await recover(ports.deps, failed());
      const { nodes, run, warnings } = await planOf(ports);
      assert.deepEqual([nodes.total, nodes.outdated], [4, 3]);
      assert.deepEqual(run.engine === 'workflow' && run.originalSizes.desiredCapacity, 3);
      assert.match(warnings.join(), /an earlier run did not finish here: this one continues/);
      assert.doesNotMatch(describeFailure(failed(), { status: 'nothingTouched' }).cause, /redrive/i);
    },
  ],
  [
    'F90 a node that fails is a result, so that no other drain is aborted; a group that fails stops no other group',
    () => {
      const states = readDefinitions();
      const failing = states.filter(({ where, state }) => where.includes('upgrade-node.asl') && state.Type === 'Fail');
      assert.deepEqual(
        failing.map(({ name }) => name),
        ['NodeInputInvalid'],
        'only an input that the conductor never gives',
      );
      const map = states.find(({ state }) => state.Type === 'Map');
      const ofGroup = Object.values(map?.state.ItemProcessor?.States ?? {});
      assert.ok(ofGroup.length > 0 && ofGroup.every(({ Type }) => Type !== 'Fail'));
      for (const { Catch = [] } of ofGroup.filter(({ Type }) => Type === 'Task')) {
        const caught = Catch.flatMap(({ ErrorEquals }) => ErrorEquals).sort();
        assert.deepEqual(caught, ['States.ALL', 'States.DataLimitExceeded']);
      }
    },
  ],
  [
    'F91 each node has a history of its own, a plan lists 50 nodes at most, and 500 nodes in hand fit into the record',
    async () => {
      const instances = Array.from({ length: 3000 }, (_, index) =>
        aGroupInstance({ instanceId: `i-${String(index).padStart(17, '0')}` }),
      );
      const ports = worldWith({ instances, desiredCapacity: 3000, maxSize: 3000 });
      const plan = await planOf(ports);
      assert.ok(JSON.stringify(plan).length < 32_000, `${JSON.stringify(plan).length} characters`);
      const entries = instances.slice(0, 500).map(({ instanceId }) => aHeldEntry({ instanceId }));
      const lease = writeRecord(aLease(), { nonce: 'n', accounts: accountsWith(entries), inputs: {} });
      assert.ok(Buffer.byteLength(JSON.stringify(lease.annotations)) < 150_000);
      assert.ok(nodeExecutionInput(sharedInput(RUN), anEntry()).length < 2_000);
    },
  ],
  [
    'F92 a name that another execution has is no failure: what runs under it is looked at, not started again',
    async () => {
      const { config } = fakeAws(jsonError('ExecutionAlreadyExists', 'Execution Already Exists'));
      const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:upgrade-node';
      assert.equal(await connectNodeExecutions(config, machine).start('workers-i-0a-1-c0ffee00', '{}'), 'taken');
    },
  ],
  [
    'F93 an update that EKS calls Failed or Cancelled fails the run with the error of EKS, although the group is ACTIVE',
    async () => {
      const world = createUpdateWorld();
      world.aws.nodegroups.set('workers', aNodegroup({ name: 'workers', status: 'ACTIVE' }));
      world.describeUpdate({ status: 'Failed', errors: [anUpdateError('NodeCreationFailure')] });
      await assert.rejects(followWithinStep(world.deps, world.run, world.before), { name: 'NodeCreationFailure' });
      const cancelled = {
        id: 'u-1',
        status: 'Cancelled',
        type: 'VersionUpdate',
        params: {},
        createdAt: at(0),
        errors: [],
      };
      assert.equal(nameOfFailure(cancelled), 'UpgradeCancelled');
    },
  ],
  [
    'F94 an update that EKS does not know yet is asked for again for five minutes, then the run fails',
    async () => {
      const world = createUpdateWorld();
      world.aws.updates.clear();
      const first = await followWithinStep(world.deps, world.run, world.before);
      assert.equal(first.status, 'inProgress');
      await world.clock.sleep(300);
      await assert.rejects(followWithinStep(world.deps, world.run, first), {
        name: 'NodegroupNotFound',
        message: /has not known update u-1 of node group workers/,
      });
    },
  ],
  [
    'F96 where EKS names only the node whose pods it could not evict, the run names the pods and their budget',
    async () => {
      const world = createUpdateWorld();
      world.addPod('node-0', 'web-1');
      world.kubernetes.budgets.push(aBudget({ disruptionsAllowed: 0 }));
      world.describeUpdate({ status: 'Failed', errors: [anUpdateError('PodEvictionFailure', 'node-0')] });
      const update = await world.deps.eks.findUpdate('production', 'workers', 'u-1');
      assert.ok(update !== undefined);
      await assert.rejects(failUpdate(world.deps, world.run, update, world.before), {
        name: 'PodEvictionFailure',
        message: /node-0: pod shop\/web-1 .*PodDisruptionBudget shop\/checkout/,
      });
    },
  ],
  [
    'F97 an outdated node that auto repair or a termination handler removes is not missed; the plan warns when a zonal shift has suspended AZRebalance',
    async () => {
      const removed = someMembers(1, { lifecycleState: 'Terminating' });
      const seen = seenOf([...removed, ...fresh(3)], { sizes: sizes(3) });
      assert.equal(admit(someFacts({ seen }, { surge: 0 })).kind, 'done');
      const suspendedProcesses = [{ name: 'AZRebalance', reason: 'Suspended by a zonal shift' }];
      await warns(worldWith({ suspendedProcesses }), /AZRebalance is suspended already, and stays so/);
    },
  ],
  [
    'F98 nodes of Fargate, Auto Mode, Karpenter and hybrid nodes are never members: only instances of the group are',
    async () => {
      const item = (name: string, providerID: string) => ({ metadata: { name }, spec: { providerID } });
      const { cluster } = fakeCluster({
        object: {
          items: [
            item('own', `aws:///eu-west-1a/${FIRST}`),
            item('karpenter', 'aws:///eu-west-1a/i-0123456789abcdef9'),
            item('fargate', 'aws:///eu-west-1a/fargate-ip-10-0-1-7.eu-west-1.compute.internal'),
            item('hybrid', 'eks-hybrid:///eu-west-1/prod/mi-0123'),
          ],
        },
      });
      const nodes = await cluster.listNodes();
      const members = joinMembers({ group: aGroup(), instances: [], nodes, target: RUN.target });
      assert.deepEqual(
        members.flatMap(({ node }) => node?.name ?? []),
        ['own'],
      );
      assert.equal(members.length, 3);
    },
  ],
  [
    'F99 nodes that boot slowly, as Windows nodes do, are given the time that the input says',
    async () => {
      const { run } = await planOf(worldWith({}), { nodeReadyTimeoutSeconds: 2400 });
      assert.equal(run.engine === 'workflow' && run.nodeReadyTimeoutSeconds, 2400);
    },
  ],
  [
    'F100 throttling is asked again by the SDK and by the state machine with full jitter, and groups are described as a whole',
    async () => {
      const throttled = queryError('Throttling', 'Rate exceeded');
      await assert.rejects(connectAutoScaling(fakeAws(throttled).config).findGroup('workers'), { name: 'Throttled' });
      assert.ok((ERROR_NAMES.transient as readonly string[]).includes('Throttled'));
      for (const definition of [statemachines.upgradeNodegroup(), statemachines.upgradeNode()]) {
        const rules = Object.values(definition.States).flatMap((state) => {
          const { Retry = [] } = state as { Retry?: { ErrorEquals: string[]; JitterStrategy?: string }[] };
          return Retry.find(({ ErrorEquals }) => ErrorEquals.includes('Throttled')) ?? [];
        });
        assert.deepEqual(new Set(rules.map(({ JitterStrategy }) => JitterStrategy)), new Set(['FULL']));
      }
      const described: string[] = [];
      const ports = underWay();
      const find = ports.deps.autoScaling.findGroup;
      ports.deps.autoScaling.findGroup = async (...given) => {
        described.push(given[0]);
        return find(...given);
      };
      await planOf(ports);
      assert.ok(described.length <= 2, `${described.length} requests for ${groupOf(ports).instances.length} instances`);
    },
  ],
]);
