import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { RECORD_ANNOTATIONS as CONTROL } from '../../domain/admission/record.ts';
import type { UpdateNode } from '../../domain/eks-update/eks-update.ts';
import { annotate } from './left-behind.ts';
import {
  MANAGED,
  managedWorld,
  NEW_RELEASE,
  OF_EKS,
  OLD_RELEASE,
  observationsOf,
  recordOf,
  requestsOfEks,
} from './managed-world.ts';
import {
  CLUSTER,
  createWorld,
  type Ended,
  endOf,
  kubernetesCalls,
  NEW_AMI,
  OLD_AMI,
  type UpgradeWorld,
} from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

const TWO = { managed: { maxUnavailable: 2 } };
const SIZES = { minSize: 3, maxSize: 7, desiredCapacity: 6 };
const updatesAsked = (sandbox: UpgradeWorld) =>
  sandbox.wire.entries
    .filter(({ plane, action }) => plane === 'aws' && /^POST .*\/update-version$/.test(action))
    .map(({ request }) => JSON.parse(request.body) as Record<string, unknown>);
const sizesOf = (sandbox: UpgradeWorld) => {
  const { minSize, maxSize, desiredCapacity } = sandbox.group();
  return { minSize, maxSize, desiredCapacity };
};
/** Ask EKS for an update behind the workflow's back. */
const updateByHand = async (sandbox: UpgradeWorld, request: object) => {
  const answer = await sandbox.deps.eks.updateNodegroupVersion({
    ...MANAGED,
    force: false,
    clientRequestToken: 'by-hand',
    ...request,
  });
  assert.ok(typeof answer === 'object' && 'id' in answer);
  return answer.id;
};
/** EKS does not answer at once, so that there is time between the lock and the update. */
const LATE = [{ kind: 'fail' as const, action: 'UpdateNodegroupVersion', error: 'ServerException', times: 3 }];
const untilLocked = async (sandbox: UpgradeWorld) => {
  await sandbox.clock.runUntil(() => updatesAsked(sandbox).length === 3, 60);
  assert.equal(sandbox.stores.get(CLUSTER)?.list('leases').length, 1);
};
const untilLooked = (sandbox: UpgradeWorld, execution: ReturnType<UpgradeWorld['start']>, observations: number) =>
  sandbox.clock.runUntil(() => observationsOf(sandbox, execution).length >= observations, 3600);

describe('an upgrade by EKS that nothing disturbs', () => {
  let sandbox: UpgradeWorld;
  let ended: Ended;
  before(async () => {
    sandbox = await createWorld(managedWorld());
    ended = await sandbox.upgrade(MANAGED, 'sunday');
  });

  it('brings every node to the recommended release, the group back to its sizes, and leaves nothing of ours', () => {
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    assert.deepEqual(sizesOf(sandbox), SIZES);
    assert.equal(recordOf(sandbox).configuration.releaseVersion, NEW_RELEASE);
    assert.deepEqual(sandbox.stores.get(CLUSTER)?.list('leases'), []);
    const { completion } = ended.output;
    assert.equal(completion.summary, `node group workers runs ${NEW_AMI} (release ${NEW_RELEASE}) on all 6 nodes`);
    assert.equal(completion.previousReleaseVersion, OLD_RELEASE);
    assert.match(completion.toGoBack, /"releaseVersion":"1.33.5-20251120"\},"allowDowngrade":true/);
  });

  it('asks EKS once, always with the version and with a token of this execution', () => {
    const [asked, ...more] = updatesAsked(sandbox);
    assert.deepEqual(more, []);
    const { clientRequestToken, ...rest } = asked ?? {};
    assert.deepEqual(rest, { version: '1.33', releaseVersion: NEW_RELEASE, force: false });
    assert.match(String(clientRequestToken), /^eks-nodegroup-upgrade-[0-9a-f]+-sunday$/);
  });

  it('writes only the request, the lock and Events to AWS and the cluster', () => {
    const ours = sandbox.wire.entries.filter(({ request }) => request.headers.authorization !== OF_EKS);
    const writes = ours.filter(({ plane, action, request }) =>
      plane === 'aws'
        ? !/^(Describe|List|Get|GET )/.test(action)
        : request.method !== 'GET' && !/reviews$/.test(action),
    );
    assert.deepEqual([...new Set(writes.map(({ action }) => action.replace(/\/leases.*/, '/leases')))].sort(), [
      'DELETE /apis/coordination.k8s.io/v1/namespaces/eks-nodegroup-upgrade/leases',
      'POST /apis/coordination.k8s.io/v1/namespaces/eks-nodegroup-upgrade/leases',
      'POST /clusters/shop/node-groups/workers/update-version',
    ]);
  });

  it('reports the phases in order, and never an earlier one again', () => {
    const phases = observationsOf(sandbox, ended.execution).map(({ update }) => update.phase);
    assert.deepEqual([...new Set(phases)], ['scaleUp', 'upgrade', 'scaleDown']);
    assert.deepEqual(
      phases,
      [...phases].sort((left, right) => phases.indexOf(left) - phases.indexOf(right)),
    );
  });

  it('lists the pods of the whole cluster once, for the plan', () => {
    const isNarrow = ({ query }: { query: URLSearchParams }) =>
      query.has('watch') || query.has('fieldSelector') || query.get('limit') === '1';
    const lists = kubernetesCalls(sandbox.wire.entries, /^GET \/api\/v1\/pods$/).filter(
      ({ request }) => request.headers.authorization !== OF_EKS && !isNarrow(request),
    );
    assert.equal(lists.length, 1);
  });
});

/** Compare what the run counted with the evictions that the API server accepted. */
function assertEveryEvictionCounted(sandbox: UpgradeWorld, { execution, status, cause }: Ended): void {
  assert.equal(status, 'SUCCEEDED', cause);
  const counted = observationsOf(sandbox, execution).reduce((sum, { update }) => sum + update.evictedCount, 0);
  const accepted = requestsOfEks(sandbox, /\/eviction$/).filter((request) => request.status === 201);
  assert.ok(accepted.length > 0);
  assert.equal(counted, accepted.length);
}

describe('an upgrade by EKS of two nodes at a time', () => {
  let sandbox: UpgradeWorld;
  let ended: Ended;
  before(async () => {
    sandbox = await createWorld(managedWorld(TWO));
    ended = await sandbox.upgrade(MANAGED);
  });

  it('shows each outdated node draining, waiting after its cordon, terminating and replaced, once each and in that order', () => {
    const byNode = Map.groupBy(
      observationsOf(sandbox, ended.execution).flatMap(({ update }) => update.changes),
      ({ instanceId }: UpdateNode) => instanceId,
    );
    assert.equal(byNode.size, 6);
    for (const changes of byNode.values()) {
      assert.deepEqual(
        changes.map(({ state }) => state),
        ['draining', 'cordonWait', 'terminating', 'replaced'],
      );
      const instants = changes.map(({ sinceAt }) => sinceAt);
      assert.deepEqual(instants, [...instants].sort());
    }
  });

  it('counts every pod that EKS moved, including those of surplus nodes', () =>
    assertEveryEvictionCounted(sandbox, ended));
});

describe('an upgrade by EKS', () => {
  for (const [title, scenario] of [
    ['with MINIMAL', managedWorld({ managed: { maxUnavailable: 2, updateStrategy: 'MINIMAL' } })],
    ['with nodes that an earlier update renewed', managedWorld({ group: { renewedNodes: 2, renewedAmiId: NEW_AMI } })],
  ] as const) {
    it(`counts every pod that EKS moved, including those of surplus nodes, ${title}`, async () => {
      const sandbox = await createWorld(scenario);
      assertEveryEvictionCounted(sandbox, await sandbox.upgrade(MANAGED));
    });
  }

  it('asks for nothing when every node and the record of EKS are at the release already', async () => {
    const sandbox = await createWorld(managedWorld({ group: { amiId: NEW_AMI } }));
    const ended = await sandbox.upgrade(MANAGED);
    assert.equal(ended.status, 'SUCCEEDED');
    assert.equal(ended.output.plan.status, 'nothingToDo');
    assert.match(ended.output.plan.summary, /node group workers runs ami-0bbbbbbbbbbbbbbb2 on all 6 nodes already/);
    assert.deepEqual(updatesAsked(sandbox), []);
  });

  it('asks EKS to record the release of a group without nodes, and says so', async () => {
    const sandbox = await createWorld(
      managedWorld({ group: { minSize: 0, desiredCapacity: 0 }, cluster: { workloads: [] } }),
    );
    const { output, status } = await sandbox.upgrade(MANAGED);
    assert.equal(status, 'SUCCEEDED');
    assert.equal(output.plan.summary, `node group workers has no nodes; EKS is asked to record ${NEW_AMI}`);
    assert.equal(recordOf(sandbox).configuration.releaseVersion, NEW_RELEASE);
  });

  it('plans by the rules of EKS, and changes nothing on a dry run', async () => {
    const sandbox = await createWorld(
      managedWorld({ managed: { maxUnavailablePercentage: 50 }, workloads: [BLOCKING_WORKLOAD] }),
    );
    const { output, status } = await sandbox.upgrade({ ...MANAGED, dryRun: true });
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(output.plan.parallelism, { nodes: 3, rule: '50 % of 6 outdated nodes, rounded down, at least 1' });
    assert.deepEqual(output.plan.surge, {
      nodes: 6,
      rule: 'EKS adds up to the larger of 2 × 3 zones and maxUnavailable 3',
    });
    assert.equal(output.plan.run.failurePolicy, 'halt');
    assert.deepEqual(
      output.plan.blockingPods.map(({ budget }: { budget: string }) => budget),
      ['shop/api'],
    );
    assert.match(output.plan.estimate.assumptions, /once begun, EKS cannot stop or pause it$/);
    assert.deepEqual(output.plan.warnings, []);
    assert.deepEqual(updatesAsked(sandbox), []);
  });

  it('asks again with the same token when an answer was lost, and starts no second update', async () => {
    const faults = [{ kind: 'lostResponse' as const, action: 'UpdateNodegroupVersion', times: 1 }];
    const sandbox = await createWorld(managedWorld({ scenario: { faults } }));
    const ended = await sandbox.upgrade(MANAGED);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const tokens = updatesAsked(sandbox).map(({ clientRequestToken }) => clientRequestToken);
    assert.equal(tokens.length, 2);
    assert.equal(new Set(tokens).size, 1);
    assert.equal(recordOf(sandbox).updates.length, 1);
    assert.equal(observationsOf(sandbox, ended.execution)[0]?.update.isAdopted, false);
  });

  it('succeeds although APIs throttle and fail now and then', async () => {
    const faults = [
      { kind: 'throttle' as const, action: 'DescribeUpdate', everyNth: 2 },
      { kind: 'throttle' as const, action: 'kubernetes', everyNth: 7 },
      { kind: 'fail' as const, action: 'GET nodes', error: 'InternalError', times: 2, fromSeconds: 200 },
    ];
    const sandbox = await createWorld(managedWorld({ scenario: { faults } }));
    const ended = await sandbox.upgrade(MANAGED);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});

describe('a run that follows EKS names what EKS does not report', () => {
  describe('where a budget blocks a pod:', () => {
    let sandbox: UpgradeWorld;
    let ended: Ended;
    before(async () => {
      sandbox = await createWorld(managedWorld({ workloads: [BLOCKING_WORKLOAD] }));
      ended = await sandbox.upgrade(MANAGED);
    });

    it('the pod and the budget that block a node, within 60 s of the first refused eviction', () => {
      const refusedAt = requestsOfEks(sandbox, /shop\/pods\/api-\S+\/eviction$/)[0]?.atSeconds as number;
      const reported = observationsOf(sandbox, ended.execution).find(({ update }) => update.blockingPodCount > 0);
      assert.ok(
        reported !== undefined && reported.atSeconds - refusedAt <= 60,
        `refused at ${refusedAt} s, reported at ${reported?.atSeconds} s`,
      );
      const [blockingPod] = reported.update.blockingPods;
      assert.match(blockingPod?.name ?? '', /^api-/);
      assert.equal(blockingPod?.budget, 'shop/api');
      assert.match(blockingPod?.advice ?? '', /run Deployment api with 2 replicas or more/);
      assert.equal(
        reported.update.nodes.find(({ instanceId }) => instanceId === blockingPod?.instanceId)?.state,
        'draining',
      );
      const later = observationsOf(sandbox, ended.execution).at(-1)?.update.blockingPods[0];
      assert.equal(later?.sinceAt, blockingPod?.sinceAt, 'since when is remembered');
    });

    it('the reason of a failed update: each pod left on the node, its budget, for how long, and what to do', () => {
      const { error, cause } = ended;
      assert.equal(error, 'PodEvictionFailure');
      assert.match(cause, /EKS says: PodEvictionFailure: Reached max retries while trying to evict pods .*\(ip-\S+\)/);
      assert.match(
        cause,
        /ip-\S+: pod shop\/api-\S+ \(Deployment api\) has blocked the drain for 15 minutes: PodDisruptionBudget shop\/api/,
      );
      assert.match(cause, /To do: run Deployment api with 2 replicas or more/);
      assert.match(cause, /nodes are on the target and Ready, 1 is outdated: EKS does not roll nodes back/);
      assert.match(cause, /To continue, start an execution with the same input/);
      assert.ok(requestsOfEks(sandbox, /\/eviction$/).some(({ status }) => status === 429));
    });
  });

  it('the same on nodes where no pod ever moved, as an inference', async () => {
    const workload = { ...BLOCKING_WORKLOAD, replicas: 6, spread: 'host', budget: { maxUnavailable: 0 } } as const;
    const sandbox = await createWorld(managedWorld({ cluster: { workloads: [workload] } }));
    const { execution, error } = await sandbox.upgrade(MANAGED);
    assert.equal(error, 'PodEvictionFailure');
    const refusedAt = requestsOfEks(sandbox, /\/eviction$/)[0]?.atSeconds as number;
    const reported = observationsOf(sandbox, execution).find(({ update }) => update.blockingPodCount > 0);
    assert.ok(
      reported !== undefined && reported.atSeconds - refusedAt <= 60,
      `refused at ${refusedAt} s, reported at ${reported?.atSeconds} s`,
    );
    assert.equal(reported.update.blockingPodCount, 6);
    assert.deepEqual(reported.update.nodes, [], 'it is unknown which of the six nodes EKS drains');
  });

  it('the node that is being drained, when it can only be that one', async () => {
    const sandbox = await createWorld(
      managedWorld({
        group: { zones: ['eu-west-1a'], minSize: 1, desiredCapacity: 1, maxSize: 2 },
        cluster: { workloads: [BLOCKING_WORKLOAD] },
      }),
    );
    const { execution } = await sandbox.upgrade(MANAGED);
    const reported = observationsOf(sandbox, execution).find(({ update }) => update.blockingPodCount > 0);
    const [node] = reported?.update.nodes ?? [];
    assert.equal(node?.state, 'draining');
    assert.equal(node?.evidence, 'inferred');
    assert.equal(node?.podsLeft, 1);
  });

  it('the nodes that a failed update leaves tainted: all of them with MINIMAL', async () => {
    const workload = { ...BLOCKING_WORKLOAD, replicas: 6, spread: 'host', budget: { maxUnavailable: 0 } } as const;
    const scenario = managedWorld({ managed: { updateStrategy: 'MINIMAL' }, cluster: { workloads: [workload] } });
    const { cause } = await (await createWorld(scenario)).upgrade(MANAGED);
    assert.match(cause, /6 are outdated: EKS does not roll nodes back\. 6 outdated nodes accept no new pods/);
  });

  it('the rights that EKS lacks, when somebody removed them', async () => {
    const sandbox = await createWorld(managedWorld({ cluster: { hasNodeManagerRole: false } }));
    const { error, cause } = await sandbox.upgrade(MANAGED);
    assert.equal(error, 'AccessDenied');
    assert.match(
      cause,
      /EKS says: AccessDenied: .*forbidden.*\. EKS drains nodes by the rights of ClusterRole eks:node-manager/,
    );
  });

  it('a pod that returns at once because it tolerates the taint', async () => {
    const stubborn = {
      kind: 'Deployment' as const,
      name: 'agent',
      namespace: 'ops',
      tolerations: [{ operator: 'Exists' as const }],
    };
    const scenario = managedWorld({
      group: { zones: ['eu-west-1a'], minSize: 1, desiredCapacity: 1, maxSize: 2 },
      cluster: { workloads: [{ ...stubborn, nodeSelector: { 'eks.amazonaws.com/nodegroup-image': OLD_AMI } }] },
    });
    const sandbox = await createWorld(scenario);
    const { execution, error, cause } = await sandbox.upgrade(MANAGED);
    assert.equal(error, 'PodEvictionFailure');
    const reasons = observationsOf(sandbox, execution).flatMap(({ update }) =>
      update.blockingPods.map(({ reason }) => reason),
    );
    assert.ok(reasons.includes('toleratesEveryTaint'), cause);
    assert.match(cause, /tolerates the taint .*EKS evicts it again and again, and gives up after 15 minutes/);
  });

  it('the instances that did not join, and what the Auto Scaling group says about them', async () => {
    const silent = await createWorld(managedWorld({ newImage: { boots: 'never-joins' } }));
    const ended = await silent.upgrade(MANAGED);
    assert.equal(ended.error, 'NodeCreationFailure');
    assert.match(ended.cause, /EKS says: NodeCreationFailure: Couldn't proceed with upgrade process/);
    assert.match(ended.cause, /reports no failed launch\. Not Ready or not registered: i-\w+/);

    const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
    const faults = zones.map((zone) => ({ kind: 'insufficientCapacity' as const, zone, fromSeconds: 1 }));
    const scarce = await createWorld(managedWorld({ scenario: { faults } }));
    const starved = await scarce.upgrade(MANAGED);
    assert.equal(starved.error, 'NodeCreationFailure');
    assert.match(starved.cause, /Last failed launch.*sufficient m6i\.xlarge capacity/);
  });
});

describe('an update that is under way already', () => {
  it('is followed when it has the same target, and no other is started', async () => {
    const sandbox = await createWorld(managedWorld());
    const id = await updateByHand(sandbox, { version: '1.33', releaseVersion: NEW_RELEASE });
    await sandbox.clock.advance(120);
    const ended = await sandbox.upgrade(MANAGED);
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    const [first] = observationsOf(sandbox, ended.execution);
    assert.deepEqual([first?.update.updateId, first?.update.isAdopted], [id, true]);
    assert.match(ended.output.plan.warnings.join(), new RegExp(`EKS update ${id} with the same target is under way`));
    assert.equal(updatesAsked(sandbox).length, 1, 'that of the other one');
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });

  it('causes a refusal that names it when it has another target', async () => {
    const sandbox = await createWorld(managedWorld({ group: { amiId: NEW_AMI } }));
    const id = await updateByHand(sandbox, { version: '1.33', releaseVersion: OLD_RELEASE });
    const ended = await sandbox.upgrade(MANAGED);
    assert.equal(ended.error, 'UpgradeInProgress');
    assert.match(ended.cause, new RegExp(`VersionUpdate ${id} \\(.*ReleaseVersion ${OLD_RELEASE}\\)`));
    assert.equal(updatesAsked(sandbox).length, 1, 'that of the other one');
  });

  it('is found even when somebody started it after the plan was made', async () => {
    const sandbox = await createWorld(managedWorld({ scenario: { faults: LATE } }));
    const execution = sandbox.start(MANAGED);
    await untilLocked(sandbox);
    const id = await updateByHand(sandbox, { version: '1.33', releaseVersion: NEW_RELEASE });
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.equal(execution.status, 'SUCCEEDED', endOf(execution).cause);
    const [first] = observationsOf(sandbox, execution);
    assert.deepEqual([first?.update.updateId, first?.update.isAdopted], [id, true]);
  });

  it('is followed through its scale-down when every node is new already', async () => {
    const sandbox = await createWorld(managedWorld());
    const id = await updateByHand(sandbox, { version: '1.33', releaseVersion: NEW_RELEASE });
    await sandbox.clock.advance(700);
    const { execution, status, output } = await sandbox.upgrade(MANAGED);
    assert.equal(status, 'SUCCEEDED');
    assert.equal(
      output.plan.summary,
      `all nodes of node group workers run ${NEW_AMI}; EKS update ${id} is followed to its end`,
    );
    const observations = observationsOf(sandbox, execution).map(({ update }) => update);
    assert.deepEqual([...new Set(observations.map(({ phase }) => phase))], ['scaleDown']);
  });

  it('is not changed by force, as a warning says', async () => {
    const found = await createWorld(managedWorld());
    await updateByHand(found, { version: '1.33', releaseVersion: NEW_RELEASE });
    const planned = await found.upgrade({ ...MANAGED, force: true });
    assert.match(planned.output.plan.warnings.join(), /"force" has no effect on an update that is under way/);
    assert.deepEqual(planned.output.completion.warnings, []);

    const late = await createWorld(managedWorld({ scenario: { faults: LATE } }));
    const execution = late.start({ ...MANAGED, force: true });
    await untilLocked(late);
    await updateByHand(late, { version: '1.33', releaseVersion: NEW_RELEASE });
    await late.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    assert.match(endOf(execution).output.completion.warnings.join(), /"force" has no effect on an update/);
  });

  it('is found again after a run that was cancelled, when it is started with the same input', async () => {
    const sandbox = await createWorld(managedWorld());
    const first = sandbox.start(MANAGED);
    await untilLooked(sandbox, first, 3);
    annotate(sandbox, CONTROL.cancel, 'incident 4711');
    await sandbox.clock.runUntil(() => first.status !== 'RUNNING', 600);
    const second = await sandbox.upgrade(MANAGED);
    assert.equal(second.status, 'SUCCEEDED', second.cause);
    assert.equal(observationsOf(sandbox, second.execution)[0]?.update.isAdopted, true);
    assert.equal(updatesAsked(sandbox).length, 1);
  });
});

describe('a run whose update cannot be stopped', () => {
  it('ends within a minute of a cancel and says how to follow the update, which EKS continues', async () => {
    const sandbox = await createWorld(managedWorld());
    const execution = sandbox.start(MANAGED);
    await untilLooked(sandbox, execution, 3);
    const cancelledAt = sandbox.clock.now();
    annotate(sandbox, CONTROL.cancel, 'incident 4711');
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 600);
    const { error, cause } = endOf(execution);
    assert.equal(error, 'UpgradeCancelled');
    assert.ok(sandbox.clock.now() - cancelledAt <= 60_000);
    assert.match(
      cause,
      /cancelled by an operator: incident 4711\. EKS continues with update \S+: an update of EKS cannot be stopped/,
    );
    assert.match(cause, /To follow it, start an execution with the same input/);
    await sandbox.clock.advance(1800);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });

  it('ends within a minute of an alarm, and names it', async () => {
    const alarms = [{ name: 'checkout-5xx', changes: [{ atSeconds: 200, state: 'ALARM' as const }] }];
    const sandbox = await createWorld(managedWorld({ scenario: { alarms } }));
    const input = { ...MANAGED, alarms: ['checkout-5xx'] };
    const { output } = await sandbox.upgrade({ ...input, dryRun: true });
    assert.match(output.plan.warnings.join(), /a later alarm ends the run, but EKS continues/);
    const { error, cause } = await sandbox.upgrade(input);
    assert.equal(error, 'AlarmTriggered');
    assert.match(cause, /in ALARM: checkout-5xx\. EKS continues with update/);
  });

  it('asks nothing of EKS when it is cancelled before the start', async () => {
    const sandbox = await createWorld(managedWorld({ scenario: { faults: LATE } }));
    const execution = sandbox.start(MANAGED);
    await untilLocked(sandbox);
    annotate(sandbox, CONTROL.cancel, 'wrong group');
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 600);
    assert.equal(execution.error, 'UpgradeCancelled');
    assert.match(endOf(execution).cause, /wrong group\. EKS was not asked for anything/);
    assert.deepEqual(recordOf(sandbox).updates, []);
  });

  it('answers a pause with one warning that EKS cannot pause', async () => {
    const sandbox = await createWorld(managedWorld());
    const execution = sandbox.start(MANAGED);
    await untilLooked(sandbox, execution, 3);
    annotate(sandbox, CONTROL.pause, 'lunch');
    await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
    const { status, output } = endOf(execution);
    assert.equal(status, 'SUCCEEDED');
    assert.deepEqual(output.completion.warnings, [
      'EKS cannot pause an update; the update continues (pause requested: lunch)',
    ]);
  });
});

describe('force', () => {
  it('is passed to EKS, which deletes the pods that are left after 15 minutes; #67 they count apart from evictions', async () => {
    const sandbox = await createWorld(managedWorld({ workloads: [BLOCKING_WORKLOAD] }));
    const ended = await sandbox.upgrade({ ...MANAGED, force: true });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.equal(updatesAsked(sandbox)[0]?.force, true);
    const counted = observationsOf(sandbox, ended.execution).map(({ update }) => update);
    const accepted = requestsOfEks(sandbox, /\/eviction$/).filter(({ status }) => status === 201).length;
    assert.equal(
      counted.reduce((sum, { evictedCount }) => sum + evictedCount, 0),
      accepted,
    );
    assert.equal(
      counted.reduce((sum, { deletedCount = 0 }) => sum + deletedCount, 0),
      requestsOfEks(sandbox, /^DELETE /).length,
    );
  });

  it('is observed even where no pod ever moved: each node drains, and each pod is counted', async () => {
    const workload = { ...BLOCKING_WORKLOAD, replicas: 3, spread: 'host', budget: { maxUnavailable: 0 } } as const;
    const group = { desiredCapacity: 3 };
    const sandbox = await createWorld(managedWorld({ ...TWO, group, cluster: { workloads: [workload] } }));
    const { execution, status, cause } = await sandbox.upgrade({ ...MANAGED, force: true });
    assert.equal(status, 'SUCCEEDED', cause);
    const observations = observationsOf(sandbox, execution).map(({ update }) => update);
    assert.equal(
      observations.reduce((sum, { deletedCount = 0 }) => sum + deletedCount, 0),
      requestsOfEks(sandbox, /^DELETE /).length,
    );
    const drained = observations.flatMap(({ changes }) => changes).filter(({ state }) => state === 'draining');
    assert.equal(new Set(drained.map(({ instanceId }) => instanceId)).size, 3);
  });
});
