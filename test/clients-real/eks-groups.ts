import assert from 'node:assert/strict';
import { type Answer, createAwsCalls, eventually } from './aws-calls.ts';
import { startAwsCli } from './aws-cli.ts';
import { check } from './checks.ts';
import { startClient, succeed } from './client-program.ts';

/** The AWS CLI as it updates, creates, configures and deletes managed node groups, while kubectl watches. */

const cli = startAwsCli();
const { aws, refused } = createAwsCalls(cli);

const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
const OLD_RELEASE = '1.33.5-20251120';
const NEW_RELEASE = '1.33.5-20251229';
const group = (name: string) => ['--cluster-name=shop', `--nodegroup-name=${name}`];
const describe = async (name: string): Promise<Answer> =>
  (await aws('eks', 'describe-nodegroup', ...group(name))).nodegroup;
const wait = (waiter: string, name: string) => cli.call(['eks', 'wait', waiter, ...group(name)]);
const quietly = { code: 0, stdout: '', stderr: '' };

await check('eks describe-cluster-versions: the default one, those in standard support', async () => {
  const { clusterVersions } = await aws('eks', 'describe-cluster-versions', '--default-only');
  assert.deepEqual(
    clusterVersions.map((each: Answer) => [each.clusterVersion, each.defaultVersion, each.kubernetesPatchVersion]),
    [['1.33', true, '1.33.5']],
  );
  const named = ['--cluster-versions', '1.33', '1.29'];
  assert.equal((await aws('eks', 'describe-cluster-versions', ...named)).clusterVersions.length, 1);
});

await check('eks list-addons, describe-addon, list-fargate-profiles, describe-fargate-profile', async () => {
  const { addons } = await aws('eks', 'list-addons', '--cluster-name=shop', '--page-size=1');
  assert.deepEqual(addons, ['coredns', 'vpc-cni']);
  const { addon } = await aws('eks', 'describe-addon', '--cluster-name=shop', '--addon-name=vpc-cni');
  assert.deepEqual([addon.addonVersion, addon.status], ['v1.20.4-eksbuild.2', 'ACTIVE']);
  const { fargateProfileNames } = await aws('eks', 'list-fargate-profiles', '--cluster-name=shop');
  assert.deepEqual(fargateProfileNames, ['jobs']);
  const profile = ['--cluster-name=shop', '--fargate-profile-name=jobs'];
  const { fargateProfile } = await aws('eks', 'describe-fargate-profile', ...profile);
  assert.deepEqual(fargateProfile.selectors[0].namespace, 'jobs');
  const { cluster } = await aws('eks', 'describe-cluster', '--name=shop');
  assert.equal(cluster.computeConfig.enabled, true);
});

await check('eks update-nodegroup-version is refused for a release that there is not', async () => {
  await refused(
    'InvalidParameterException',
    /^Requested release version 1\.33\.9-20991231 is not valid for kubernetes version 1\.33\./,
    'eks',
    'update-nodegroup-version',
    ...group('workers'),
    '--release-version=1.33.9-20991231',
  );
});

await check(
  'eks update-nodegroup-version, wait nodegroup-active, describe-update: every node is replaced, as kubectl watches',
  async () => {
    const watch = startClient('kubectl', [
      'get',
      'nodes',
      '--watch',
      '--label-columns=eks.amazonaws.com/nodegroup-image',
    ]);
    const { update } = await aws('eks', 'update-nodegroup-version', ...group('workers'));
    assert.deepEqual([update.status, update.type, update.errors], ['InProgress', 'VersionUpdate', []]);
    assert.deepEqual(update.params[1], { type: 'ReleaseVersion', value: NEW_RELEASE });
    assert.equal((await describe('workers')).status, 'UPDATING');
    await refused(
      'ResourceInUseException',
      /^Nodegroup cannot be updated as it is currently not in Active State/,
      'eks',
      'update-nodegroup-version',
      ...group('workers'),
    );
    assert.deepEqual(await wait('nodegroup-active', 'workers'), quietly);
    const ofUpdate = ['--name=shop', '--nodegroup-name=workers', `--update-id=${update.id}`];
    const ended = (await aws('eks', 'describe-update', ...ofUpdate)).update;
    assert.deepEqual([ended.status, ended.errors], ['Successful', []]);
    const { updateIds } = await aws('eks', 'list-updates', '--name=shop', '--nodegroup-name=workers');
    assert.deepEqual(updateIds, [update.id]);
    const nodegroup = await describe('workers');
    assert.deepEqual(
      [nodegroup.releaseVersion, nodegroup.scalingConfig],
      [NEW_RELEASE, { minSize: 1, maxSize: 3, desiredSize: 2 }],
    );
    const { stdout } = await watch.stop();
    assert.match(stdout, /SchedulingDisabled/);
    assert.match(stdout, new RegExp(NEW_AMI));
    const nodes = await succeed('kubectl', [
      'get',
      'nodes',
      '--output=name',
      `--selector=eks.amazonaws.com/nodegroup-image=${NEW_AMI}`,
    ]);
    assert.ok(nodes.trim().split('\n').length >= 2);
  },
);

await check('eks create-nodegroup, update-nodegroup-config, delete-nodegroup, wait nodegroup-deleted', async () => {
  const { subnets } = await describe('workers');
  const { nodegroup: created } = await aws(
    'eks',
    'create-nodegroup',
    ...group('batch'),
    '--node-role=arn:aws:iam::111122223333:role/shop-node',
    '--subnets',
    ...subnets,
    '--scaling-config=minSize=0,desiredSize=1,maxSize=2',
    '--instance-types=m6i.large',
    `--release-version=${OLD_RELEASE}`,
    '--labels=tier=batch',
    '--taints=key=dedicated,value=batch,effect=NO_SCHEDULE',
  );
  assert.equal(created.status, 'CREATING');
  const active = await eventually(
    () => describe('batch'),
    ({ status }) => status !== 'CREATING',
  );
  assert.deepEqual([active.status, active.health.issues, active.labels], ['ACTIVE', [], { tier: 'batch' }]);
  const { update } = await aws(
    'eks',
    'update-nodegroup-config',
    ...group('batch'),
    '--scaling-config=desiredSize=2',
    '--labels=addOrUpdateLabels={tier=night},removeLabels=[]',
    '--update-config=maxUnavailable=2',
  );
  const ofUpdate = ['--name=shop', '--nodegroup-name=batch', `--update-id=${update.id}`];
  await eventually(
    async () => (await aws('eks', 'describe-update', ...ofUpdate)).update,
    ({ status }) => status === 'Successful',
  );
  const configured = await describe('batch');
  assert.deepEqual(
    [configured.labels, configured.scalingConfig.desiredSize, configured.updateConfig.maxUnavailable],
    [{ tier: 'night' }, 2, 2],
  );
  await refused(
    'InvalidParameterException',
    /^Minimum capacity 3 can't be greater than desired size 2/,
    'eks',
    'update-nodegroup-config',
    ...group('batch'),
    '--scaling-config=minSize=3,maxSize=4',
  );
  await eventually(
    () => describe('batch'),
    ({ status }) => status === 'ACTIVE',
  );
  assert.equal((await aws('eks', 'delete-nodegroup', ...group('batch'))).nodegroup.status, 'DELETING');
  assert.deepEqual(await wait('nodegroup-deleted', 'batch'), quietly);
  assert.deepEqual((await aws('eks', 'list-nodegroups', '--cluster-name=shop')).nodegroups, ['workers']);
});

cli.close();
