import assert from 'node:assert/strict';
import { type Answer, createAwsCalls, eventually } from './aws-calls.ts';
import { startAwsCli } from './aws-cli.ts';
import { check } from './checks.ts';
import { runClient, succeed } from './client-program.ts';

/** The AWS CLI, call by call: everything of EKS, EC2, Auto Scaling, SSM, STS, CloudWatch and Step Functions that is simulated. */

const cli = startAwsCli();
const { aws, refused } = createAwsCalls(cli);

const names = (items: readonly Answer[], member: string) => items.map((item) => item[member]);
const groupNow = async (name: string): Promise<Answer> =>
  (await aws('autoscaling', 'describe-auto-scaling-groups', '--auto-scaling-group-names', name)).AutoScalingGroups[0];

const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
const RECOMMENDED = '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended';
const WORKERS = '--auto-scaling-group-name=shop-workers';

// ---------------------------------------------------------------------------------------------------------------- STS

await check(
  'sts get-caller-identity: the operator of the documentation account; unknown keys are refused',
  async () => {
    const identity = await aws('sts', 'get-caller-identity');
    assert.equal(identity.Account, '111122223333');
    assert.match(identity.Arn, /^arn:aws:iam::111122223333:user\//);
    const unsigned = await cli.call(['sts', 'get-caller-identity', '--no-sign-request']);
    assert.match(unsigned.stderr, /\(MissingAuthenticationToken\)/);
  },
);

// ---------------------------------------------------------------------------------------------------------------- EKS

await check(
  'eks list-clusters, describe-cluster: versions, endpoint and certificate authority; unknown cluster',
  async () => {
    assert.deepEqual(await aws('eks', 'list-clusters'), { clusters: ['shop', 'warehouse'] });
    assert.deepEqual((await aws('eks', 'list-clusters', '--page-size=1')).clusters, ['shop', 'warehouse']);
    const { cluster } = await aws('eks', 'describe-cluster', '--name=shop');
    assert.equal(cluster.arn, 'arn:aws:eks:eu-west-1:111122223333:cluster/shop');
    assert.deepEqual([cluster.status, cluster.version], ['ACTIVE', '1.33']);
    assert.match(cluster.endpoint, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(Buffer.from(cluster.certificateAuthority.data, 'base64').toString(), /BEGIN CERTIFICATE/);
    await refused(
      'ResourceNotFoundException',
      /^No cluster found for name: nowhere\./,
      'eks',
      'describe-cluster',
      '--name=nowhere',
    );
  },
);

await check('eks list-nodegroups, describe-nodegroup: update configuration, health issues; unknown group', async () => {
  const listed = await aws('eks', 'list-nodegroups', '--cluster-name=shop', '--page-size=1');
  assert.deepEqual(listed.nodegroups.toSorted(), ['broken', 'steady']);
  const describe = (name: string) =>
    aws('eks', 'describe-nodegroup', '--cluster-name=shop', `--nodegroup-name=${name}`);
  const { nodegroup: steady } = await describe('steady');
  assert.deepEqual(
    [steady.status, steady.amiType, steady.version, steady.releaseVersion, steady.updateConfig.maxUnavailable],
    ['ACTIVE', 'AL2023_x86_64_STANDARD', '1.33', '1.33.5-20251229', 1],
  );
  assert.deepEqual(steady.resources.autoScalingGroups, [{ name: 'eks-steady' }]);
  assert.deepEqual(steady.labels, { team: 'shop' });
  const { nodegroup: broken } = await describe('broken');
  assert.deepEqual([broken.status, broken.health.issues[0].code], ['CREATE_FAILED', 'NodeCreationFailure']);
  await refused(
    'ResourceNotFoundException',
    /^No node group found for name: nowhere\./,
    'eks',
    'describe-nodegroup',
    '--cluster-name=shop',
    '--nodegroup-name=nowhere',
  );
});

await check(
  'eks wait: cluster-active, nodegroup-active and nodegroup-deleted end, or fail, as the states say',
  async () => {
    const wait = (waiter: string, ...argv: string[]) => cli.call(['eks', 'wait', waiter, ...argv]);
    const group = (name: string) => ['--cluster-name=shop', `--nodegroup-name=${name}`];
    assert.deepEqual(await wait('cluster-active', '--name=shop'), { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(await wait('nodegroup-active', ...group('steady')), { code: 0, stdout: '', stderr: '' });
    assert.deepEqual(await wait('nodegroup-deleted', ...group('nowhere')), { code: 0, stdout: '', stderr: '' });
    const failed = await wait('nodegroup-active', ...group('broken'));
    assert.equal(failed.code, 255);
    assert.match(failed.stderr, /Waiter NodegroupActive failed: .*terminal failure state.*CREATE_FAILED/);
  },
);

await check('eks get-token, update-kubeconfig: kubectl reaches the cluster with what they give', async () => {
  const file = `${process.env.KUBECACHEDIR}-from-aws`;
  await cli.call(['eks', 'update-kubeconfig', '--name=shop', `--kubeconfig=${file}`]);
  const nodes = await succeed('kubectl', ['get', 'nodes', '--output=name', `--kubeconfig=${file}`]);
  assert.equal(nodes.trim().split('\n').length, 5);
  const { status } = await aws('eks', 'get-token', '--cluster-name=warehouse');
  const { cluster } = await aws('eks', 'describe-cluster', '--name=shop');
  const foreign = await runClient('kubectl', [
    'get',
    'nodes',
    '--kubeconfig=/dev/null',
    `--server=${cluster.endpoint}`,
    '--insecure-skip-tls-verify',
    `--token=${status.token}`,
  ]);
  assert.match(foreign.stderr, /Unauthorized/, 'a token for another cluster');
});

// ---------------------------------------------------------------------------------------------------------------- SSM

await check('ssm get-parameter, get-parameters-by-path: the recommended AMI; unknown parameter', async () => {
  const { Parameter } = await aws('ssm', 'get-parameter', `--name=${RECOMMENDED}/image_id`);
  assert.deepEqual([Parameter.Type, Parameter.Value], ['String', NEW_AMI]);
  const byPath = ['ssm', 'get-parameters-by-path', `--path=${RECOMMENDED}`, '--recursive'];
  const { Parameters } = await aws(...byPath);
  const values = Object.fromEntries(Parameters.map(({ Name, Value }: Answer) => [Name.split('/').at(-1), Value]));
  assert.deepEqual([values.image_id, values.release_version], [NEW_AMI, '1.33.5-20251229']);
  const paged = await aws(...byPath, '--page-size=1');
  assert.deepEqual(paged.Parameters.length, Parameters.length);
  await refused('ParameterNotFound', /^\s*$/, 'ssm', 'get-parameter', '--name=/aws/service/eks/nowhere');
});

// ---------------------------------------------------------------------------------------------------------------- EC2

await check('ec2 describe-instances: by id, filter and page; unknown and malformed ids', async () => {
  const group = await groupNow('shop-workers');
  const ids: string[] = names(group.Instances, 'InstanceId');
  const found = await aws('ec2', 'describe-instances', '--instance-ids', ...ids);
  const instances = found.Reservations.flatMap(({ Instances }: Answer) => Instances);
  assert.deepEqual(names(instances, 'InstanceId').toSorted(), ids.toSorted());
  for (const instance of instances) {
    assert.deepEqual([instance.State.Name, instance.ImageId, instance.Architecture], ['running', OLD_AMI, 'x86_64']);
  }
  const filters = ['--filters', 'Name=tag:aws:autoscaling:groupName,Values=shop-workers'];
  const query = 'Reservations[].Instances[].InstanceId';
  const paged = await aws('ec2', 'describe-instances', ...filters, '--page-size=5', `--query=${query}`);
  assert.deepEqual(paged.toSorted(), ids.toSorted());
  const absent = 'i-0123456789abcdef0';
  await refused(
    'InvalidInstanceID.NotFound',
    new RegExp(absent),
    'ec2',
    'describe-instances',
    `--instance-ids=${absent}`,
  );
  await refused('InvalidInstanceID.Malformed', /Invalid id: "i-x"/, 'ec2', 'describe-instances', '--instance-ids=i-x');
});

await check('ec2 wait: instance-running and image-available see what is there', async () => {
  const { Instances } = await groupNow('shop-workers');
  await aws('ec2', 'wait', 'instance-running', `--instance-ids=${Instances[0].InstanceId}`);
  await aws('ec2', 'wait', 'image-available', `--image-ids=${NEW_AMI}`);
});

await check('ec2 describe-images: names, architecture and dates; unknown image', async () => {
  const { Images } = await aws('ec2', 'describe-images', '--image-ids', OLD_AMI, NEW_AMI);
  assert.deepEqual(names(Images, 'State'), ['available', 'available']);
  assert.ok(names(Images, 'Name').includes('amazon-eks-node-al2023-x86_64-standard-1.33-v20251229'));
  await refused(
    'InvalidAMIID.NotFound',
    /ami-0123456789abcdef0/,
    'ec2',
    'describe-images',
    '--image-ids=ami-0123456789abcdef0',
  );
});

await check('ec2 launch templates: a version is made from another, made the default, and deleted again', async () => {
  const { LaunchTemplates } = await aws('ec2', 'describe-launch-templates', '--launch-template-names=shop-workers');
  const template = `--launch-template-id=${LaunchTemplates[0].LaunchTemplateId}`;
  const versions = (...argv: string[]) => aws('ec2', 'describe-launch-template-versions', template, ...argv);
  const [first] = (await versions('--versions=$Latest')).LaunchTemplateVersions;
  const created = (
    await aws(
      'ec2',
      'create-launch-template-version',
      template,
      `--source-version=${first.VersionNumber}`,
      `--launch-template-data={"ImageId":"${NEW_AMI}"}`,
      '--client-token=clients-real',
    )
  ).LaunchTemplateVersion;
  assert.equal(created.VersionNumber, first.VersionNumber + 1);
  assert.deepEqual(created.LaunchTemplateData, { ...first.LaunchTemplateData, ImageId: NEW_AMI }, 'keeps the rest');
  const modified = await aws('ec2', 'modify-launch-template', template, `--default-version=${created.VersionNumber}`);
  assert.equal(modified.LaunchTemplate.DefaultVersionNumber, created.VersionNumber);
  const all = (await versions('--page-size=1')).LaunchTemplateVersions;
  assert.deepEqual(names(all, 'VersionNumber').toSorted(), [first.VersionNumber, created.VersionNumber]);
  await aws('ec2', 'modify-launch-template', template, `--default-version=${first.VersionNumber}`);
  const deleted = await aws(
    'ec2',
    'delete-launch-template-versions',
    template,
    '--versions',
    String(created.VersionNumber),
    '99',
  );
  assert.deepEqual(names(deleted.SuccessfullyDeletedLaunchTemplateVersions, 'VersionNumber'), [created.VersionNumber]);
  assert.deepEqual(
    deleted.UnsuccessfullyDeletedLaunchTemplateVersions.map(({ ResponseError }: Answer) => ResponseError.Code),
    ['launchTemplateVersionDoesNotExist'],
  );
  await refused(
    'InvalidLaunchTemplateId.VersionNotFound',
    /99/,
    'ec2',
    'describe-launch-template-versions',
    template,
    '--versions=99',
  );
  await refused(
    'InvalidLaunchTemplateName.NotFoundException',
    /launch template/i,
    'ec2',
    'describe-launch-templates',
    '--launch-template-names=nowhere',
  );
});

await check(
  'ec2 describe-subnets, describe-volumes: zones of the group, volumes of the stateful pods; unknown ids',
  async () => {
    const { VPCZoneIdentifier } = await groupNow('shop-workers');
    const { Subnets } = await aws('ec2', 'describe-subnets', '--subnet-ids', ...VPCZoneIdentifier.split(','));
    assert.deepEqual(names(Subnets, 'AvailabilityZone').toSorted(), ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    await refused(
      'InvalidSubnetID.NotFound',
      /subnet-0123456789abcdef0/,
      'ec2',
      'describe-subnets',
      '--subnet-ids=subnet-0123456789abcdef0',
    );
    const { Volumes } = await aws('ec2', 'describe-volumes', '--filters', 'Name=status,Values=in-use');
    assert.ok(Volumes.length >= 2);
    for (const { Attachments } of Volumes) assert.equal(Attachments[0].State, 'attached');
    await refused(
      'InvalidVolume.NotFound',
      /vol-0123456789abcdef0/,
      'ec2',
      'describe-volumes',
      '--volume-ids=vol-0123456789abcdef0',
    );
  },
);

// -------------------------------------------------------------------------------------------------------- Auto Scaling

await check(
  'autoscaling describe-auto-scaling-groups, describe-auto-scaling-instances: pages, filters, no unknown ones',
  async () => {
    const { AutoScalingGroups } = await aws('autoscaling', 'describe-auto-scaling-groups', '--page-size=1');
    assert.deepEqual(names(AutoScalingGroups, 'AutoScalingGroupName').toSorted(), [
      'eks-broken',
      'eks-steady',
      'shop-hooked',
      'shop-workers',
    ]);
    const workers = await groupNow('shop-workers');
    assert.deepEqual([workers.MinSize, workers.DesiredCapacity, workers.MaxSize], [1, 3, 6]);
    assert.equal(await groupNow('nowhere'), undefined);
    const filtered = await aws(
      'autoscaling',
      'describe-auto-scaling-groups',
      '--filters',
      'Name=tag:team,Values=platform',
    );
    assert.deepEqual(names(filtered.AutoScalingGroups, 'AutoScalingGroupName'), ['shop-workers']);
    const described = await aws('autoscaling', 'describe-auto-scaling-instances', '--page-size=2');
    assert.equal(described.AutoScalingInstances.length, 5);
    assert.deepEqual([...new Set(names(described.AutoScalingInstances, 'LifecycleState'))], ['InService']);
  },
);

await check('autoscaling tags: set, found by filter, deleted', async () => {
  const tag = 'ResourceId=shop-workers,ResourceType=auto-scaling-group,Key=owner';
  await aws('autoscaling', 'create-or-update-tags', '--tags', `${tag},Value=clients,PropagateAtLaunch=false`);
  const ours = ['autoscaling', 'describe-tags', '--filters', 'Name=key,Values=owner'];
  assert.deepEqual((await aws(...ours)).Tags, [
    {
      ResourceId: 'shop-workers',
      ResourceType: 'auto-scaling-group',
      Key: 'owner',
      Value: 'clients',
      PropagateAtLaunch: false,
    },
  ]);
  await aws('autoscaling', 'delete-tags', '--tags', tag);
  assert.deepEqual((await aws(...ours)).Tags, []);
  await refused(
    'ValidationError',
    /nowhere/,
    'autoscaling',
    'create-or-update-tags',
    '--tags',
    'ResourceId=nowhere,ResourceType=auto-scaling-group,Key=owner,Value=x,PropagateAtLaunch=false',
  );
});

await check('autoscaling suspend-processes, resume-processes: seen on the group', async () => {
  await aws('autoscaling', 'suspend-processes', WORKERS, '--scaling-processes', 'AZRebalance');
  assert.deepEqual(names((await groupNow('shop-workers')).SuspendedProcesses, 'ProcessName'), ['AZRebalance']);
  await aws('autoscaling', 'resume-processes', WORKERS, '--scaling-processes', 'AZRebalance');
  assert.deepEqual((await groupNow('shop-workers')).SuspendedProcesses, []);
  await refused(
    'ValidationError',
    /Nonsense/,
    'autoscaling',
    'suspend-processes',
    WORKERS,
    '--scaling-processes',
    'Nonsense',
  );
});

await check(
  'autoscaling update-auto-scaling-group, set-desired-capacity: an instance boots; beyond the maximum is refused',
  async () => {
    await aws('autoscaling', 'update-auto-scaling-group', WORKERS, '--max-size=4', '--min-size=2');
    await refused(
      'ValidationError',
      /above max|max.*size|4/i,
      'autoscaling',
      'set-desired-capacity',
      WORKERS,
      '--desired-capacity=5',
    );
    await aws('autoscaling', 'set-desired-capacity', WORKERS, '--desired-capacity=4');
    const grown = await eventually(
      () => groupNow('shop-workers'),
      ({ Instances }) =>
        Instances.length === 4 && Instances.every(({ LifecycleState }: Answer) => LifecycleState === 'InService'),
    );
    assert.deepEqual([grown.MinSize, grown.DesiredCapacity, grown.MaxSize], [2, 4, 4]);
    await refused(
      'ValidationError',
      /not found|does not exist|nowhere/i,
      'autoscaling',
      'update-auto-scaling-group',
      '--auto-scaling-group-name=nowhere',
      '--max-size=1',
    );
  },
);

await check(
  'autoscaling terminate-instance-in-auto-scaling-group, describe-scaling-activities: fewer wanted, and told why',
  async () => {
    const [{ InstanceId }] = (await groupNow('shop-workers')).Instances;
    const { Activity } = await aws(
      'autoscaling',
      'terminate-instance-in-auto-scaling-group',
      `--instance-id=${InstanceId}`,
      '--should-decrement-desired-capacity',
    );
    assert.equal(Activity.Description, `Terminating EC2 instance: ${InstanceId}`);
    const shrunk = await eventually(
      () => groupNow('shop-workers'),
      ({ Instances }) => !names(Instances, 'InstanceId').includes(InstanceId),
    );
    assert.equal(shrunk.DesiredCapacity, 3);
    const { Activities } = await aws('autoscaling', 'describe-scaling-activities', WORKERS, '--page-size=1');
    const [last, launch] = Activities;
    assert.deepEqual([last.ActivityId, last.StatusCode, last.Progress], [Activity.ActivityId, 'Successful', 100]);
    assert.match(last.Cause, /taken out of service in response to a user request/);
    assert.match(launch.Description, /^Launching a new EC2 instance: i-/);
    await refused(
      'ValidationError',
      /Instance Id not found/,
      'autoscaling',
      'terminate-instance-in-auto-scaling-group',
      `--instance-id=${InstanceId}`,
      '--no-should-decrement-desired-capacity',
    );
  },
);

await check(
  'autoscaling describe-lifecycle-hooks, complete-lifecycle-action: an instance waits until it is let go',
  async () => {
    const hooked = '--auto-scaling-group-name=shop-hooked';
    const { LifecycleHooks } = await aws('autoscaling', 'describe-lifecycle-hooks', hooked);
    const [{ LifecycleHookName, LifecycleTransition }] = LifecycleHooks;
    assert.equal(LifecycleTransition, 'autoscaling:EC2_INSTANCE_TERMINATING');
    const [{ InstanceId }] = (await groupNow('shop-hooked')).Instances;
    const terminate = ['autoscaling', 'terminate-instance-in-auto-scaling-group', `--instance-id=${InstanceId}`];
    await aws(...terminate, '--should-decrement-desired-capacity');
    await eventually(
      () => groupNow('shop-hooked'),
      ({ Instances }) => Instances[0]?.LifecycleState === 'Terminating:Wait',
    );
    const complete = (action: string, id: string) => [
      'autoscaling',
      'complete-lifecycle-action',
      hooked,
      `--lifecycle-hook-name=${LifecycleHookName}`,
      `--lifecycle-action-result=${action}`,
      `--instance-id=${id}`,
    ];
    await refused(
      'ValidationError',
      /No active Lifecycle Action found/,
      ...complete('CONTINUE', 'i-0123456789abcdef0'),
    );
    await aws(...complete('CONTINUE', InstanceId));
    await eventually(
      () => groupNow('shop-hooked'),
      ({ Instances }) => Instances.length === 0,
    );
  },
);

// ---------------------------------------------------------------------------------------------------------- CloudWatch

await check('cloudwatch describe-alarms: by name, state and page; none for unknown names', async () => {
  const describe = async (...argv: string[]) => (await aws('cloudwatch', 'describe-alarms', ...argv)).MetricAlarms;
  assert.deepEqual(names(await describe('--page-size=1'), 'AlarmName'), ['checkout-errors', 'checkout-latency']);
  assert.deepEqual(names(await describe('--state-value=ALARM'), 'AlarmName'), ['checkout-errors']);
  const [latency] = await describe('--alarm-names', 'checkout-latency', 'nowhere');
  assert.equal(latency.StateValue, 'OK');
});

// ------------------------------------------------------------------------------------------------------ Step Functions

const MACHINE = `--state-machine-arn=${process.env.EKS_NODEGROUP_UPGRADE_STATE_MACHINE}`;
const states = (...argv: string[]) => aws('stepfunctions', ...argv);
const start = (name: string, input: unknown) => [
  'stepfunctions',
  'start-execution',
  MACHINE,
  `--name=${name}`,
  `--input=${JSON.stringify(input)}`,
];
const INPUT = { clusterName: 'shop', autoScalingGroupName: 'shop-workers' };

await check(
  'stepfunctions list-state-machines, describe-state-machine: the workflows as deployed, in pages; unknown machine',
  async () => {
    const { stateMachines } = await states('list-state-machines', '--page-size=1');
    const ofNodegroup = process.env.EKS_NODEGROUP_UPGRADE_STATE_MACHINE ?? '';
    const named = (name: string) => ofNodegroup.replace(/upgrade-nodegroup$/, name);
    assert.deepEqual(names(stateMachines, 'stateMachineArn'), [
      named('upgrade-cluster'),
      named('upgrade-node'),
      ofNodegroup,
    ]);
    const machine = await states('describe-state-machine', MACHINE);
    assert.deepEqual([machine.status, machine.type], ['ACTIVE', 'STANDARD']);
    assert.ok(JSON.parse(machine.definition).States, 'a definition with states');
    const nowhere = 'arn:aws:states:eu-west-1:111122223333:stateMachine:nowhere';
    await refused(
      'StateMachineDoesNotExist',
      /Does Not Exist/,
      'stepfunctions',
      'describe-state-machine',
      `--state-machine-arn=${nowhere}`,
    );
    await refused(
      'InvalidArn',
      /Invalid Arn/,
      'stepfunctions',
      'describe-state-machine',
      '--state-machine-arn=nonsense',
    );
  },
);

await check(
  'stepfunctions start-execution: wrong input is refused at once, or ends the execution with a name and a sentence',
  async () => {
    await refused(
      'InvalidExecutionInput',
      /Invalid State Machine Execution Input/,
      'stepfunctions',
      'start-execution',
      MACHINE,
      '--input={',
    );
    const { executionArn } = await aws(...start('misspelt', { ...INPUT, parallel: 3 }));
    const ended = await eventually(
      () => states('describe-execution', `--execution-arn=${executionArn}`),
      ({ status }) => status !== 'RUNNING',
    );
    assert.deepEqual([ended.status, ended.error], ['FAILED', 'InvalidInput']);
    assert.match(ended.cause, /parallel/);
    await refused('ExecutionAlreadyExists', /Execution Already Exists/, ...start('misspelt', INPUT));
  },
);

await check('stepfunctions start-execution with dryRun: SUCCEEDED with a plan, and nothing is changed', async () => {
  const before = await groupNow('shop-workers');
  const { executionArn } = await aws(...start('dry-run', { ...INPUT, dryRun: true }));
  const ended = await eventually(
    () => states('describe-execution', `--execution-arn=${executionArn}`),
    ({ status }) => status !== 'RUNNING',
  );
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  assert.match(ended.output, new RegExp(NEW_AMI));
  assert.deepEqual(await groupNow('shop-workers'), before);
});

await check(
  'stepfunctions, a run: listed, and the executions of its nodes; its history in pages; stopped',
  async () => {
    const { executionArn } = await aws(...start('to-be-stopped', { ...INPUT, cordonWaitSeconds: 3600 }));
    const execution = `--execution-arn=${executionArn}`;
    const running = await states('list-executions', MACHINE, '--status-filter=RUNNING');
    assert.deepEqual(names(running.executions, 'name'), ['to-be-stopped']);
    const nodeMachine = MACHINE.replace(/upgrade-nodegroup$/, 'upgrade-node');
    const { executions } = await eventually(
      () => states('list-executions', nodeMachine, '--status-filter=RUNNING', '--page-size=1'),
      (listed) => listed.executions.length > 0,
    );
    const node = await states('describe-execution', `--execution-arn=${executions[0].executionArn}`);
    assert.equal(JSON.parse(node.input).AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID, executionArn);
    const history = await states('get-execution-history', `--execution-arn=${executions[0].executionArn}`);
    assert.equal(history.events[0].type, 'ExecutionStarted');
    assert.deepEqual((await states('list-map-runs', execution)).mapRuns, []);
    await states('stop-execution', execution, '--error=Rehearsed', '--cause=The clients have seen enough.');
    const stopped = await states('describe-execution', execution);
    assert.deepEqual(
      [stopped.status, stopped.error, stopped.cause],
      ['ABORTED', 'Rehearsed', 'The clients have seen enough.'],
    );
    const whole = await states('get-execution-history', execution, '--page-size=1000');
    const ids: number[] = names(whole.events, 'id');
    assert.deepEqual(
      ids,
      ids.map((_, index) => index + 1),
    );
    assert.equal(whole.events.at(-1).type, 'ExecutionAborted');
    const paged = await states('get-execution-history', execution, '--page-size=20');
    assert.deepEqual(paged.events, whole.events);
    const newest = await states('get-execution-history', execution, '--reverse-order', '--max-items=1');
    assert.equal(newest.events[0].id, ids.at(-1));
    assert.ok(newest.NextToken, 'a token for the rest');
    const nowhere = executionArn.replace('to-be-stopped', 'nowhere');
    await refused(
      'ExecutionDoesNotExist',
      /Does Not Exist/,
      'stepfunctions',
      'stop-execution',
      `--execution-arn=${nowhere}`,
    );
  },
);

await check('calls that no simulated service knows are refused by name', async () => {
  await refused('InvalidAction', /.*/, 'autoscaling', 'describe-account-limits');
});

cli.close();
