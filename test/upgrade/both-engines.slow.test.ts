import assert from 'node:assert/strict';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import { before, describe, it } from 'mocha';
import { RECORD_ANNOTATIONS as CONTROL } from '../../domain/admission/record.ts';
import { annotate } from './left-behind.ts';
import { MANAGED, managedWorld, NEW_RELEASE, OLD_RELEASE, recordOf } from './managed-world.ts';
import {
  awsCalls,
  CLUSTER,
  createWorld,
  type Ended,
  endOf,
  NEW_AMI,
  OLD_AMI,
  type UpgradeWorld,
} from './run-upgrade.ts';
import { BLOCKING_WORKLOAD } from './workloads.ts';

const ENGINES = ['eks', 'workflow'] as const;
type Engine = (typeof ENGINES)[number];

const SIZES = { minSize: 3, maxSize: 7, desiredCapacity: 6 };
const OUR_MARKS = /eks-nodegroup-upgrade/;

/** Everything that is there after a success, whichever engine it was. */
async function assertUpgraded(sandbox: UpgradeWorld, ended: Ended, engine: Engine): Promise<void> {
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  assert.equal(ended.output.plan.run.engine, engine);
  assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  const { minSize, maxSize, desiredCapacity, suspended, tags } = sandbox.group();
  assert.deepEqual({ minSize, maxSize, desiredCapacity }, SIZES);
  assert.deepEqual(suspended, []);
  assert.doesNotMatch(Object.keys(tags).join(), OUR_MARKS);
  // The Node of an instance that is gone stays for a moment.
  await sandbox.clock.advance(180);
  assert.doesNotMatch(JSON.stringify(sandbox.nodes().map(({ metadata }) => metadata.annotations ?? {})), OUR_MARKS);
  assert.deepEqual(sandbox.stores.get(CLUSTER)?.list('leases'), []);
}

/** Upgrade with one engine, and with what the largest desired capacity was on the way. */
async function upgradeWith(engine: Engine, scenario: ScenarioInput, input: object = {}) {
  const sandbox = await createWorld(scenario);
  const execution = sandbox.start({ ...MANAGED, engine, ...input });
  let mostDesired = 0;
  await sandbox.clock.runUntil(() => {
    mostDesired = Math.max(mostDesired, sandbox.group().desiredCapacity);
    return execution.status !== 'RUNNING';
  }, 6 * 3600);
  return { sandbox, ended: endOf(execution), mostDesired };
}

const untilOldNodes = (sandbox: UpgradeWorld, nodes: number) =>
  sandbox.clock.runUntil(() => sandbox.amis().filter((ami) => ami === OLD_AMI).length <= nodes, 3600);
const podsOf = (sandbox: UpgradeWorld, name: string) =>
  sandbox.pods().filter(({ metadata }) => metadata.labels?.app === name);

describe('both engines on the same managed node group', () => {
  for (const engine of ENGINES) {
    describe(engine, () => {
      let undisturbed: Awaited<ReturnType<typeof upgradeWith>>;
      before(async () => {
        undisturbed = await upgradeWith(engine, managedWorld());
      });

      it('1. no disturbance: replaces every node and leaves everything else as it was', async () => {
        const { sandbox, ended, mostDesired } = undisturbed;
        await assertUpgraded(sandbox, ended, engine);
        assert.equal(mostDesired, 12, 'twice the zones more');
        assert.equal(podsOf(sandbox, 'checkout').length, 12);
      });

      it('leaves the record of EKS at the new release, or DEGRADED as the plan has warned', async () => {
        const { sandbox, ended } = undisturbed;
        await sandbox.clock.advance(600);
        const { configuration, status, healthIssues } = recordOf(sandbox);
        const warned = /EKS will report the node group DEGRADED \(Ec2LaunchTemplateVersionMismatch\)/;
        if (engine === 'eks') {
          assert.deepEqual([configuration.releaseVersion, status], [NEW_RELEASE, 'ACTIVE']);
          assert.doesNotMatch(ended.output.plan.warnings.join(), warned);
        } else {
          assert.deepEqual([configuration.releaseVersion, status], [OLD_RELEASE, 'DEGRADED']);
          assert.deepEqual(
            healthIssues.map(({ code }) => code),
            ['Ec2LaunchTemplateVersionMismatch'],
          );
          assert.match(ended.output.plan.warnings.join(), warned);
        }
      });

      it('2. blocking budget: names the pod and the budget, and the next run ends well once the budget allows it, on a DEGRADED group too', async () => {
        const { sandbox, ended } = await upgradeWith(engine, managedWorld({ workloads: [BLOCKING_WORKLOAD] }));
        assert.equal(ended.error, 'PodEvictionFailure');
        assert.match(
          ended.cause,
          /pod shop\/api-\S+ \(Deployment api\) has blocked the drain for \d+ minutes: PodDisruptionBudget shop\/api/,
        );
        assert.match(ended.cause, /To do: run Deployment api with 2 replicas or more/);
        assert.equal(sandbox.amis().filter((ami) => ami === OLD_AMI).length, 1);
        await sandbox.clock.advance(600);
        assert.equal(recordOf(sandbox).status, engine === 'eks' ? 'ACTIVE' : 'DEGRADED');
        sandbox.stores.get(CLUSTER)?.remove('poddisruptionbudgets', 'shop', 'api');
        const second = await sandbox.upgrade({ ...MANAGED, engine });
        assert.equal(second.status, 'SUCCEEDED', second.cause);
        assert.equal(second.output.plan.nodes.outdated, 1, 'renewed nodes are recognised');
        assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
        if (engine === 'workflow') await assertUpgraded(sandbox, second, engine);
      });

      it('3. no capacity: fails in the words of the Auto Scaling group, and touches no old node', async () => {
        const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
        const faults = zones.map((zone) => ({ kind: 'insufficientCapacity' as const, zone, fromSeconds: 1 }));
        const { sandbox, ended } = await upgradeWith(engine, managedWorld({ scenario: { faults } }));
        assert.equal(ended.error, 'NodeCreationFailure');
        assert.match(ended.cause, /We currently do not have sufficient m6i\.xlarge capacity/);
        assert.deepEqual(sandbox.amis(), Array(6).fill(OLD_AMI));
        const taints = sandbox.nodes().flatMap(({ spec }) => spec?.taints ?? []);
        assert.deepEqual(taints, []);
      });

      it('4. force: deletes the pod that its budget blocks after 15 minutes, and the pod runs elsewhere', async () => {
        const scenario = managedWorld({ workloads: [BLOCKING_WORKLOAD] });
        const { sandbox, ended } = await upgradeWith(engine, scenario, { force: true });
        await assertUpgraded(sandbox, ended, engine);
        assert.equal(podsOf(sandbox, 'api').length, 1);
        assert.ok(ended.execution.stoppedAt !== undefined);
        assert.ok((ended.execution.stoppedAt as number) - ended.execution.startedAt > 900_000);
      });

      it("5. percentage: upgrades half of the nodes at a time, rounded down, by the node group's own setting", async () => {
        const scenario = managedWorld({ managed: { maxUnavailablePercentage: 50 } });
        const { sandbox, ended } = await upgradeWith(engine, scenario);
        await assertUpgraded(sandbox, ended, engine);
        assert.equal(ended.output.plan.run.parallelism, 3);
      });

      it('6. MINIMAL: never has more nodes than before', async () => {
        const scenario = managedWorld({ managed: { maxUnavailable: 2, updateStrategy: 'MINIMAL' } });
        const { sandbox, ended, mostDesired } = await upgradeWith(engine, scenario);
        await assertUpgraded(sandbox, ended, engine);
        assert.equal(mostDesired, 6);
        assert.equal(ended.output.plan.run.surge, 0);
      });

      it('7. one zone: adds two nodes, or with the phases as many as replacements boot meanwhile', async () => {
        const scenario = managedWorld({ group: { zones: ['eu-west-1a'] } });
        const { sandbox, ended, mostDesired } = await upgradeWith(engine, scenario);
        await assertUpgraded(sandbox, ended, engine);
        assert.equal(mostDesired, engine === 'eks' ? 8 : 9);
      });

      it('8. mixed instances: leaves the policy as it was', async () => {
        const mixedInstances = { overrides: [{ instanceType: 'm6i.xlarge' }, { instanceType: 'm5.xlarge' }] };
        const { sandbox, ended } = await upgradeWith(engine, managedWorld({ group: { mixedInstances } }));
        await assertUpgraded(sandbox, ended, engine);
        const { source } = sandbox.region.state.autoScaling.groups.get('shop-workers') ?? {};
        assert.ok(source?.kind === 'mixed-instances');
        assert.deepEqual(
          source.overrides.map(({ instanceType }) => instanceType),
          ['m6i.xlarge', 'm5.xlarge'],
        );
      });

      it('9. two groups: leaves the other one alone', async () => {
        const scenario = managedWorld();
        const [cluster] = scenario.clusters;
        const [group] = cluster?.groups ?? [];
        assert.ok(cluster !== undefined && group !== undefined);
        const other = { ...group, name: 'shop-batch', managed: { nodegroupName: 'batch' } };
        const { sandbox, ended } = await upgradeWith(engine, {
          ...scenario,
          clusters: [{ ...cluster, groups: [group, other] }],
        });
        await assertUpgraded(sandbox, ended, engine);
        const members = [...(sandbox.region.state.autoScaling.groups.get('shop-batch')?.members.values() ?? [])];
        assert.deepEqual(
          members.map(({ instance }) => instance.image.id),
          Array(6).fill(OLD_AMI),
        );
        const cordoned = sandbox
          .nodes()
          .filter(({ metadata, spec }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === 'batch' && spec?.taints);
        assert.deepEqual(cordoned, []);
      });

      it("10. custom AMI: EKS takes it from a version of the owner's template, the phases from the AMI", async () => {
        const group = { amiType: 'CUSTOM', launchTemplateName: 'golden', launchTemplateVersion: '1' };
        const sandbox = await createWorld(managedWorld({ group }));
        const launchTemplateId = recordOf(sandbox).configuration.source?.id as string;
        const { version } = await sandbox.deps.ec2.createLaunchTemplateVersion({
          launchTemplateId,
          sourceVersion: '1',
          imageId: NEW_AMI,
          description: 'golden image of January',
          clientToken: 'golden',
        });
        const target = engine === 'eks' ? { launchTemplateVersion: String(version) } : { amiId: NEW_AMI };
        const ended = await sandbox.upgrade({ ...MANAGED, engine, target });
        await assertUpgraded(sandbox, ended, engine);
        if (engine === 'workflow') return;
        assert.equal(recordOf(sandbox).configuration.source?.version, '2');
        assert.match(ended.output.completion.toGoBack, /"launchTemplateVersion":"1"/);
      });

      it('11. cancelled: EKS continues by itself, the phases stop and leave the rest usable', async () => {
        const sandbox = await createWorld(managedWorld());
        const execution = sandbox.start({ ...MANAGED, engine });
        await untilOldNodes(sandbox, 4);
        annotate(sandbox, CONTROL.cancel, 'incident 4711');
        await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 3600);
        assert.equal(execution.error, 'UpgradeCancelled');
        assert.match(endOf(execution).cause, /incident 4711/);
        const left = () => sandbox.amis().filter((ami) => ami === OLD_AMI).length;
        const terminations = () => awsCalls(sandbox.wire.entries, 'TerminateInstanceInAutoScalingGroup').length;
        const atTheEnd = { left: left(), terminations: terminations() };
        await sandbox.clock.advance(1800);
        if (engine === 'eks') {
          assert.equal(left(), 0);
          assert.match(endOf(execution).cause, /EKS continues with update/);
        } else {
          assert.ok(atTheEnd.left >= 3, `${atTheEnd.left} are left`);
          // AZRebalance, which is resumed, may replace one that is in a zone with more than the others.
          assert.equal(terminations(), atTheEnd.terminations);
          assert.deepEqual(
            sandbox.nodes().flatMap(({ spec }) => spec?.taints ?? []),
            [],
          );
        }
      });

      it('12. update already running: engine eks follows it, engine workflow refuses to start', async () => {
        const sandbox = await createWorld(managedWorld());
        await sandbox.deps.eks.updateNodegroupVersion({
          ...MANAGED,
          version: '1.33',
          releaseVersion: NEW_RELEASE,
          force: false,
          clientRequestToken: 'by-hand',
        });
        await sandbox.clock.advance(60);
        const ended = await sandbox.upgrade({ ...MANAGED, engine });
        if (engine === 'eks') return await assertUpgraded(sandbox, ended, engine);
        assert.equal(ended.error, 'UnsupportedNodegroup');
        assert.match(ended.cause, /workers is UPDATING, not ACTIVE: wait for its update/);
      });
    });
  }

  it('reconcile after engine workflow as documented: EKS replaces the nodes once more', async () => {
    const { sandbox, ended } = await upgradeWith('workflow', managedWorld());
    await sandbox.clock.advance(600);
    const refused = await sandbox.upgrade(MANAGED);
    assert.equal(refused.error, 'UnsupportedNodegroup');
    assert.match(refused.cause, /let its Auto Scaling group launch from the version that EKS expects/);

    const group = await sandbox.deps.autoScaling.findGroup('shop-workers');
    assert.ok(group !== undefined);
    const { previousLaunchTemplateVersion } = ended.output.completion;
    await sandbox.deps.autoScaling.useLaunchTemplateVersion(group, previousLaunchTemplateVersion);
    await sandbox.clock.advance(600);
    assert.equal(recordOf(sandbox).status, 'ACTIVE');

    const reconciled = await sandbox.upgrade({ ...MANAGED, target: { releaseVersion: NEW_RELEASE } });
    await assertUpgraded(sandbox, reconciled, 'eks');
    assert.equal(reconciled.output.plan.nodes.outdated, 6, 'by their labels, which EKS goes by');
    assert.equal(recordOf(sandbox).configuration.releaseVersion, NEW_RELEASE);
  });
});
