import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { clusterPlanSchema } from '../../../domain/cluster/cluster.ts';
import { executionName, isPartOf, nodegroupExecutionName, startedBy } from '../../../domain/cluster/execution-name.ts';
import type { ClusterFacts, GroupFacts, GroupRefusal } from '../../../domain/cluster/group-plans.ts';
import { parseClusterInput } from '../../../domain/cluster/input.ts';
import { makeClusterPlan } from '../../../domain/cluster/plan.ts';
import { settingsOf } from '../../../domain/cluster/settings.ts';
import { UnsupportedNodegroup } from '../../../domain/errors.ts';
import { parseInput } from '../../../domain/input/input.ts';
import { makePlan } from '../../../domain/plan/plan.ts';
import type { Plan } from '../../../domain/state.ts';
import { aBudget, aGroup, aGroupNode, aPod, aRun, EXECUTION_ARN, NEW_AMI, NOW_AT } from '../builders.ts';

/** The plan of a group of `nodes` outdated nodes with as many blocking pods as asked for on the first. */
function aPlanOf(nodes: number, blockingPods = 0): Plan {
  const members = Array.from({ length: nodes }, (_, index) => aGroupNode({ instanceId: `i-${index}` }));
  const nodeName = members[0]?.node?.name ?? '';
  return makePlan({
    input: parseInput({ clusterName: 'shop', autoScalingGroupName: 'workers' }),
    executionArn: EXECUTION_ARN,
    startedAt: NOW_AT,
    kubernetesVersion: '1.33',
    group: aGroup({ desiredCapacity: nodes, maxSize: nodes }),
    members,
    nodes: [],
    goneOwners: [],
    instanceTypes: ['m6i.large'],
    engine: 'workflow',
    target: aRun().target,
    launchesTarget: false,
    image: {
      imageId: NEW_AMI,
      name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260112',
      state: 'available',
      architecture: 'x86_64',
      isAllowed: true,
      platform: 'Linux/UNIX',
      createdAt: '2026-01-12T00:00:00.000Z',
    },
    targetSource: 'recommended',
    pods: Array.from({ length: blockingPods }, (_, index) =>
      aPod({ name: `blocking-${index}`, uid: `uid-${index}`, nodeName }),
    ),
    budgets: blockingPods === 0 ? [] : [aBudget({ disruptionsAllowed: 0 })],
    notes: ['x'.repeat(1000)],
  });
}

const aGroupOf = (name: string, outcome: { plan: Plan } | { refusal: GroupRefusal }): GroupFacts => ({
  name,
  kind: 'self-managed',
  engine: 'workflow',
  instances: 3,
  ...outcome,
});
const refused = (name: string, error: 'UnsupportedNodegroup' | 'InvalidInput' = 'UnsupportedNodegroup') =>
  aGroupOf(name, { refusal: { error, reason: 'it has a warm pool', hasUnpublishedAmi: false } });
const unpublished = (name: string) =>
  aGroupOf(name, { refusal: { error: 'InvalidInput', reason: 'it has a custom AMI', hasUnpublishedAmi: true } });

function facts(groups: GroupFacts[], input: object = {}): ClusterFacts {
  const whole = { clusterName: 'shop', nodegroups: 'all', ...input };
  return {
    request: {
      input: parseClusterInput(whole),
      settings: settingsOf(whole),
      executionArn: EXECUTION_ARN,
      executionName: 'tuesday',
      startedAt: NOW_AT,
    },
    cluster: { name: 'shop', version: '1.33', status: 'ACTIVE' },
    nodes: [],
    groups,
    members: new Set(),
  };
}

describe('the plan of a cluster', () => {
  const [small, large] = [aPlanOf(3), aPlanOf(30)];
  const seconds = (plan: Plan) => plan.estimate.durationSeconds;

  it('is one that the other steps read', () => {
    clusterPlanSchema.parse(makeClusterPlan(facts([aGroupOf('a', { plan: aPlanOf(3, 4) })], { force: true })));
  });

  const durations: [string, object, number][] = [
    ['one after another', {}, 2 * seconds(small) + seconds(large)],
    ['as long as the slowest of each selection', { maxParallelNodegroups: 2 }, seconds(large) + seconds(small)],
    ['as long as the slowest of all', { maxParallelNodegroups: 3 }, seconds(large)],
  ];
  for (const [title, input, expected] of durations) {
    it(`predicts ${title}`, () => {
      const groups = [small, large, small].map((plan, index) => aGroupOf(`group-${index}`, { plan }));
      assert.equal(makeClusterPlan(facts(groups, input)).durationSeconds, expected);
    });
  }

  it('names at most thirty blocking pods of all groups, five of each, and counts them all', () => {
    const groups = Array.from({ length: 10 }, (_, index) => aGroupOf(`group-${index}`, { plan: aPlanOf(3, 8) }));
    const plan = makeClusterPlan(facts(groups));
    assert.deepEqual(
      plan.groups.map(({ blockingPods }) => blockingPods.length),
      [5, 5, 5, 5, 5, 5, 0, 0, 0, 0],
    );
    assert.ok(plan.groups.every(({ blockingPodCount }) => blockingPodCount === 8));
    assert.match(plan.summary, /80 pods may block a drain/);
  });

  it('keeps long sentences short', () => {
    const [planned] = makeClusterPlan(facts([aGroupOf('a', { plan: small })])).groups;
    assert.ok(planned?.warnings.every((warning) => warning.length <= 240));
  });

  it('takes a kind of group that cannot be upgraded for out of scope when all are asked for', () => {
    const plan = makeClusterPlan(facts([refused('pool'), aGroupOf('a', { plan: small })]));
    assert.deepEqual(
      plan.outOfScope.map(({ name, nodes }) => [name, nodes]),
      [['pool', 3]],
    );
    assert.deepEqual(
      plan.groups.map(({ name }) => name),
      ['a'],
    );
  });

  it('refuses to begin when a group that was asked for cannot be upgraded', () => {
    const groups = [aGroupOf('a', { plan: small }), refused('pool'), refused('other')];
    assert.throws(
      () => makeClusterPlan(facts(groups, { nodegroups: ['a', 'pool', 'other'] })),
      (thrown: unknown) =>
        thrown instanceof UnsupportedNodegroup &&
        /^node group pool cannot be upgraded, nor can 1 more group: it has a warm pool/.test(thrown.message),
    );
  });

  it('leaves a group with an AMI of its owner’s out of "all", and refuses it where it is named', () => {
    const groups = [unpublished('gpu'), aGroupOf('a', { plan: small })];
    const plan = makeClusterPlan(facts(groups));
    assert.deepEqual(plan.outOfScope, [{ kind: 'unsupported', name: 'gpu', nodes: 3, reason: 'it has a custom AMI' }]);
    assert.deepEqual(
      plan.groups.map(({ name }) => name),
      ['a'],
    );
    assert.throws(() => makeClusterPlan(facts(groups, { nodegroups: ['gpu', 'a'] })), /gpu cannot be upgraded/);
  });

  it('is no "nothing to do" while a group is refused', () => {
    const plan = makeClusterPlan(facts([refused('own', 'InvalidInput')], { onNodegroupFailure: 'continue' }));
    assert.equal(plan.status, 'planned');
    assert.match(plan.summary, /1 group cannot be upgraded as asked/);
  });
});

describe('the name of a group’s execution', () => {
  const ofCluster = executionName('shop', '2026-01-20T10:15:00.000Z', 'ana', '3f2a');

  it('is the same for a repeated start, and another for another group or run', () => {
    const name = nodegroupExecutionName(ofCluster, 'workers');
    assert.equal(nodegroupExecutionName(ofCluster, 'workers'), name);
    assert.notEqual(nodegroupExecutionName(ofCluster, 'worker'), name);
    assert.notEqual(nodegroupExecutionName(`${ofCluster}b`, 'workers'), name);
  });

  it('differs for two groups whose names begin alike', () => {
    const long = 'a-name-that-is-longer-than-there-is-room-for';
    assert.notEqual(nodegroupExecutionName(ofCluster, `${long}-1`), nodegroupExecutionName(ofCluster, `${long}-2`));
  });

  it('says who started the run, and which run it is part of', () => {
    const name = nodegroupExecutionName(ofCluster, 'workers');
    assert.equal(startedBy(name), 'ana');
    assert.equal(isPartOf(ofCluster, name), true);
    assert.equal(isPartOf('shop-20260120-101500-by-ana-0000', name), false);
    assert.equal(isPartOf(ofCluster, ofCluster), false);
  });

  for (const [title, cluster, group] of [
    ['of punctuation alone', 'tuesday', '()'],
    ['with spaces and slashes', 'of / the & night', 'my nodes'],
    ['as long as they come', 'x'.repeat(80), 'y'.repeat(255)],
  ] as const) {
    it(`is legal for names ${title}`, () => {
      assert.match(nodegroupExecutionName(cluster, group), /^[A-Za-z0-9_-]{1,80}$/);
    });
  }
});
