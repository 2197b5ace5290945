import assert from 'node:assert/strict';
import { connectEc2 } from '../../clients/aws/ec2.ts';
import { checkImage } from '../../domain/ami/check-image.ts';
import { ERROR_NAMES } from '../../domain/errors.ts';
import { clientTokenOf } from '../../domain/nodegroup/launch-template.ts';
import { resolveParallelism } from '../../domain/plan/parallelism-and-surge.ts';
import { createLaunchTemplateVersion } from '../../functions/create-launch-template-version.ts';
import roles from '../../iam/roles.cjs';
import { startUpdate } from '../../operations/eks-update/start-update.ts';
import { ec2Error, fakeAws } from '../clients/aws/fake-aws.ts';
import { anEksRun, aRun, EXECUTION_ARN, NEW_AMI, OLD_AMI } from '../domain/builders.ts';
import { anImage, aTemplateVersion } from '../operations/aws-in-memory.ts';
import { createUpdateWorld } from '../operations/eks-update/update-world.ts';
import { createPorts } from '../operations/ports-in-memory.ts';
import { managedPlanOf, managedWorld, planOf, refuses, testEdgeCases, warns } from './set-up.ts';

const CUSTOM = {
  amiType: 'CUSTOM',
  releaseVersion: OLD_AMI,
  launchTemplate: { id: 'lt-0fedcba9876543210', version: '1' },
};

/** A world whose newest AMI is as given. */
function worldOfImage(overrides: Parameters<typeof anImage>[0]) {
  const ports = createPorts();
  ports.aws.images.set(NEW_AMI, anImage(overrides));
  return ports;
}

const ofMinor = (minor: string) => ({
  target: { amiId: NEW_AMI },
  name: `amazon-eks-node-al2023-x86_64-standard-${minor}-v20260108`,
});

testEdgeCases('the target', [
  [
    'F3 a cluster whose own version is changing is refused, and what EKS says meanwhile is asked again',
    async () => {
      const ports = createPorts();
      ports.aws.clusters.set('production', { name: 'production', version: '1.33', status: 'UPDATING' });
      await refuses(ports, 'UnsupportedNodegroup', /cluster production is UPDATING, not ACTIVE/);
      const world = createUpdateWorld();
      world.aws.clusters.set('production', { name: 'production', version: '1.33', status: 'UPDATING' });
      world.deps.eks.updateNodegroupVersion = async () => ({
        versionMismatch: 'Nodegroup Kubernetes version should …',
      });
      await assert.rejects(startUpdate(world.deps, world.run), { name: 'ServiceUnavailable' });
    },
  ],
  [
    'F4 an AMI newer than the control plane, or more than three minors older, is refused',
    () => {
      const check = (minor: string) =>
        checkImage({ image: anImage(ofMinor(minor)), architectures: ['x86_64'], kubernetesVersion: '1.33' });
      for (const minor of ['1.34', '1.29']) assert.throws(() => check(minor), { name: 'InvalidInput' }, minor);
      for (const minor of ['1.33', '1.30']) check(minor);
    },
  ],
  [
    'F5 EKS is always told the Kubernetes version, also when only the AMI is to change',
    async () => {
      const { run } = await managedPlanOf(managedWorld());
      assert.equal(run.engine === 'eks' && run.update.version, '1.33');
      const owned = managedWorld({ launchTemplate: { id: 'lt-0fedcba9876543210', version: '1' }, version: '1.32' });
      owned.aws.templateVersions.push({ launchTemplateId: 'lt-0fedcba9876543210', version: 2, isDefault: false });
      const byTemplate = await managedPlanOf(owned, { target: { launchTemplateVersion: '2' } });
      assert.equal(byTemplate.run.engine === 'eks' && byTemplate.run.update.version, '1.32');
    },
  ],
  [
    'F6 for a group with a custom AMI EKS is given a template version and nothing else, and without one the plan refuses',
    async () => {
      const ports = managedWorld(CUSTOM);
      await assert.rejects(managedPlanOf(ports), { name: 'InvalidInput', message: /has a custom AMI/ });
      const launchTemplateId = CUSTOM.launchTemplate.id;
      ports.aws.templateVersions.push(aTemplateVersion({ launchTemplateId, version: 2, imageId: NEW_AMI }));
      const { run } = await managedPlanOf(ports, { target: { launchTemplateVersion: '2' } });
      const { previous: _, ...update } = run.engine === 'eks' ? run.update : {};
      assert.deepEqual(update, { launchTemplate: { id: launchTemplateId, version: '2' } });
    },
  ],
  [
    'F7 a type that AWS publishes no AMI for fails for good; a parameter store that is too busy is asked again',
    async () => {
      const ports = createPorts();
      ports.aws.parameters.clear();
      await refuses(ports, 'AmiNotFound', /publishes no AL2023_x86_64_STANDARD AMI/);
      const transient: readonly string[] = ERROR_NAMES.transient;
      assert.deepEqual([transient.includes('AmiNotFound'), transient.includes('Throttled')], [false, true]);
    },
  ],
  [
    'F8 the recommended AMI is looked up by the plan and by no later step, so that it cannot change under a run',
    async () => {
      const readers = Object.entries(roles.CALLS).filter(([, calls]) => calls.includes('parameters.find'));
      assert.deepEqual(readers.map(([name]) => name).sort(), ['planCluster', 'planUpgrade']);
      const ports = createPorts();
      const { run } = await planOf(ports);
      ports.aws.parameters.clear();
      assert.ok(run.engine === 'workflow');
      await createLaunchTemplateVersion.run({ run }, ports.deps);
      assert.equal(ports.aws.templateVersions.at(-1)?.imageId, NEW_AMI);
    },
  ],
  [
    'F9 an AMI that does not exist, or is not available, is refused before anything is changed',
    async () => {
      for (const state of ['pending', 'failed', 'deregistered', 'disabled']) {
        await refuses(worldOfImage({ state }), 'AmiNotFound', new RegExp(`is ${state}, not available`));
      }
      const target = { amiId: 'ami-00000000000000000' };
      await refuses(createPorts(), 'AmiNotFound', /does not exist in this region, or is not shared/, { target });
    },
  ],
  [
    'F10 a deprecated AMI is a warning, one that the account does not allow is refused',
    async () => {
      await warns(worldOfImage({ deprecatedAt: '2025-12-01T00:00:00Z' }), /has been deprecated since 2025-12-01/);
      await refuses(worldOfImage({ isAllowed: false }), 'AmiNotFound', /not among the Allowed AMIs/);
    },
  ],
  [
    'F11 an AMI for another architecture than that of the instances is refused',
    () => refuses(worldOfImage({ architecture: 'arm64' }), 'InvalidInput', /is for arm64, but the instances .* x86_64/),
  ],
  [
    'F12 another family of AMI is refused unless a template version brings its own user data',
    async () => {
      const name = 'bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-abcdef12';
      const target = { amiId: NEW_AMI };
      await refuses(worldOfImage({ name }), 'InvalidInput', /is BOTTLEROCKET, but the group runs AL2023/, { target });
      const ports = worldOfImage({ name });
      ports.aws.templateVersions.push(aTemplateVersion({ version: 4, imageId: NEW_AMI }));
      assert.equal((await planOf(ports, { target: { launchTemplateVersion: '4' } })).status, 'planned');
    },
  ],
  [
    'F13 a group that runs the target on every instance is left alone: success, and no template version',
    async () => {
      const ports = createPorts();
      ports.aws.templateVersions.splice(0, 1, aTemplateVersion({ imageId: NEW_AMI, isDefault: true }));
      const instances = ports.aws.instances.get('workers') ?? [];
      assert.equal((await planOf(ports)).nodes.outdated, 3, 'the template alone does not renew an instance');
      ports.aws.instances.set(
        'workers',
        instances.map((instance) => ({ ...instance, imageId: NEW_AMI })),
      );
      const { status, nodes, run } = await planOf(ports);
      assert.deepEqual([status, nodes.outdated, ports.changes], ['nothingToDo', 0, []]);
      assert.equal(run.engine === 'workflow' && run.target.launchTemplateVersion, '3');
    },
  ],
  [
    'F17 maxUnavailable and a percentage together are refused; neither means 1; EKS takes 100, and nobody more than are outdated',
    async () => {
      const both = { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 10 } };
      await refuses(createPorts(), 'InvalidInput', /maxUnavailable/, both);
      assert.equal(resolveParallelism({}, 30, 'workflow').nodes, 1);
      assert.equal(resolveParallelism({ maxUnavailable: 150 }, 500, 'eks').nodes, 100);
      assert.equal(resolveParallelism({ maxUnavailable: 150 }, 500, 'workflow').nodes, 150);
      assert.equal(resolveParallelism({ maxUnavailable: 10 }, 3, 'workflow').nodes, 3);
    },
  ],
  [
    'F18 a percentage of the outdated nodes is rounded down, but to 1 at least',
    () => {
      const nodes = (maxUnavailablePercentage: number, outdated: number) =>
        resolveParallelism({ maxUnavailablePercentage }, outdated, 'workflow').nodes;
      assert.deepEqual([nodes(33, 10), nodes(39, 10), nodes(1, 10), nodes(100, 10)], [3, 3, 1, 10]);
    },
  ],
  [
    'F23 the plan warns that a template which names its AMI by an SSM parameter will no longer follow it',
    async () => {
      const ports = createPorts();
      ports.aws.templateVersions.splice(0, 1, aTemplateVersion({ imageAlias: 'resolve:ssm:/golden', isDefault: true }));
      await warns(ports, /names its AMI by resolve:ssm:\/golden: the new version names a fixed AMI/);
    },
  ],
  [
    'F25 a template that has as many versions as EC2 allows ends the run with those words, and no version is deleted',
    async () => {
      const refusal = ec2Error('VersionLimitExceeded', 'You have reached the maximum number of versions');
      const { config, requests } = fakeAws(refusal);
      const asked = {
        launchTemplateId: 'lt-0a',
        sourceVersion: '3',
        imageId: NEW_AMI,
        description: '',
        clientToken: 't',
      };
      await assert.rejects(connectEc2(config).createLaunchTemplateVersion(asked), {
        name: 'InvalidInput',
        message: /the maximum number of versions/,
      });
      assert.equal(requests.length, 1);
    },
  ],
  [
    'F26 a template version that is asked for again is the same one: the token is made of the name of the execution',
    async () => {
      const other = aRun({ executionArn: EXECUTION_ARN.replace('tuesday', 'monday') });
      assert.equal(clientTokenOf(aRun()), clientTokenOf(aRun({ startedAt: '2026-02-01T00:00:00Z' })));
      assert.notEqual(clientTokenOf(aRun()), clientTokenOf(other));
      const { deps } = createPorts();
      const tokens: string[] = [];
      const create = deps.ec2.createLaunchTemplateVersion;
      deps.ec2.createLaunchTemplateVersion = (request) => {
        tokens.push(request.clientToken);
        return create(request);
      };
      await createLaunchTemplateVersion.run({ run: aRun() }, deps);
      await createLaunchTemplateVersion.run({ run: aRun() }, deps);
      assert.deepEqual(tokens, [clientTokenOf(aRun()), clientTokenOf(aRun())]);
    },
  ],
  [
    'F95 an update of EKS that is asked for again is the same one, and one with the same target is followed',
    async () => {
      const world = createUpdateWorld();
      assert.deepEqual([(await startUpdate(world.deps, world.run)).isAdopted, world.changes], [true, []]);
      const tokens: string[] = [];
      world.deps.eks.updateNodegroupVersion = async ({ clientRequestToken }) => {
        tokens.push(clientRequestToken);
        return 'inUse';
      };
      await startUpdate(world.deps, anEksRun());
      await startUpdate(world.deps, anEksRun());
      assert.equal(tokens[0], tokens[1]);
      world.describeUpdate({ params: { ReleaseVersion: '1.33.5-20251201' } });
      await assert.rejects(startUpdate(world.deps, world.run), { name: 'UpgradeInProgress' });
    },
  ],
]);
