import assert from 'node:assert/strict';
import { connectAlarms } from '../../../clients/aws/alarms.ts';
import { connectEc2 } from '../../../clients/aws/ec2.ts';
import { connectEks } from '../../../clients/aws/eks.ts';
import { connectExecutions } from '../../../clients/aws/executions.ts';
import { connectParameters } from '../../../clients/aws/parameters.ts';
import { ec2Error, ec2Xml, fakeAws, json, jsonError } from './fake-aws.ts';

const version = (imageId: string) =>
  ec2Xml(
    'DescribeLaunchTemplateVersions',
    `<launchTemplateVersionSet><item><launchTemplateId>lt-0a</launchTemplateId><versionNumber>7</versionNumber>
     <versionDescription>made by hand</versionDescription><defaultVersion>true</defaultVersion>
     <launchTemplateData><imageId>${imageId}</imageId></launchTemplateData></item></launchTemplateVersionSet>`,
  );

describe('EC2 through the SDK', () => {
  it('reads an AMI, deprecated ones of other accounts included', async () => {
    const { config, requests } = fakeAws(
      ec2Xml(
        'DescribeImages',
        `<imagesSet><item><imageId>ami-0a</imageId><name>amazon-eks-node-al2023</name><imageState>available</imageState><architecture>arm64</architecture>
         <deprecationTime>2027-01-01T00:00:00.000Z</deprecationTime><imageAllowed>false</imageAllowed><platformDetails>Linux/UNIX</platformDetails>
         <creationDate>2026-01-01T00:00:00.000Z</creationDate></item></imagesSet>`,
      ),
    );
    assert.deepEqual(await connectEc2(config).findImage('ami-0a'), {
      imageId: 'ami-0a',
      name: 'amazon-eks-node-al2023',
      state: 'available',
      architecture: 'arm64',
      deprecatedAt: '2027-01-01T00:00:00.000Z',
      isAllowed: false,
      platform: 'Linux/UNIX',
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    assert.equal(requests[0]?.form['ImageId.1'], 'ami-0a');
    assert.equal(requests[0]?.form.IncludeDeprecated, 'true');
  });

  for (const code of ['InvalidAMIID.NotFound', 'InvalidAMIID.Malformed', 'InvalidAMIID.Unavailable']) {
    it(`says that there is no such AMI on ${code}`, async () => {
      const { config } = fakeAws(ec2Error(code, 'The image id does not exist'));
      assert.equal(await connectEc2(config).findImage('ami-0b'), undefined);
    });
  }

  it('finds a template version and its AMI in one request', async () => {
    const { config, requests } = fakeAws(version('ami-0a'));
    assert.deepEqual(await connectEc2(config).findLaunchTemplateVersion('lt-0a', '$Default'), {
      launchTemplateId: 'lt-0a',
      version: 7,
      imageId: 'ami-0a',
      isDefault: true,
      description: 'made by hand',
    });
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.form['LaunchTemplateVersion.1'], '$Default');
  });

  it('resolves an AMI that the template takes from SSM, and keeps the alias', async () => {
    const { config, requests } = fakeAws(version('resolve:ssm:/team/ami'), version('ami-0d'));
    const found = await connectEc2(config).findLaunchTemplateVersion('lt-0a', '7');
    assert.equal(found?.imageId, 'ami-0d');
    assert.equal(found?.imageAlias, 'resolve:ssm:/team/ami');
    assert.deepEqual(
      requests.map(({ form }) => form.ResolveAlias),
      ['false', 'true'],
    );
  });

  for (const code of ['InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateId.VersionNotFound']) {
    it(`says that there is no such version on ${code}`, async () => {
      const { config } = fakeAws(ec2Error(code, 'Could not find it'));
      assert.equal(await connectEc2(config).findLaunchTemplateVersion('lt-0a', '99'), undefined);
    });
  }

  it('creates a version that differs from its source only in the AMI, with our own token', async () => {
    const { config, requests } = fakeAws(
      ec2Xml(
        'CreateLaunchTemplateVersion',
        `<launchTemplateVersion><launchTemplateId>lt-0a</launchTemplateId><versionNumber>8</versionNumber><defaultVersion>false</defaultVersion>
         <launchTemplateData><imageId>ami-0e</imageId></launchTemplateData></launchTemplateVersion>
         <warning><errorSet><item><code>InvalidParameter</code><message>unsure</message></item></errorSet></warning>`,
      ),
    );
    const created = await connectEc2(config).createLaunchTemplateVersion({
      launchTemplateId: 'lt-0a',
      sourceVersion: '7',
      imageId: 'ami-0e',
      description: 'd'.repeat(300),
      clientToken: 'run-1',
    });
    assert.deepEqual(created, { launchTemplateId: 'lt-0a', version: 8, imageId: 'ami-0e', isDefault: false });
    const { Action: _, Version: _version, ...sent } = requests[0]?.form ?? {};
    assert.deepEqual(sent, {
      LaunchTemplateId: 'lt-0a',
      SourceVersion: '7',
      ClientToken: 'run-1',
      VersionDescription: 'd'.repeat(255),
      'LaunchTemplateData.ImageId': 'ami-0e',
    });
  });

  it('lists the pending and running instances of a group from every page', async () => {
    const page = (id: string, next: string) =>
      ec2Xml(
        'DescribeInstances',
        `<reservationSet><item><instancesSet><item><instanceId>${id}</instanceId><imageId>ami-0a</imageId><architecture>x86_64</architecture>
         <instanceType>m7i.large</instanceType><placement><availabilityZone>eu-west-1a</availabilityZone></placement>
         <launchTime>2026-01-01T00:00:00.000Z</launchTime></item></instancesSet></item></reservationSet>${next}`,
      );
    const { config, requests } = fakeAws(page('i-0a', '<nextToken>more</nextToken>'), page('i-0b', ''));
    const instances = await connectEc2(config).listInstances('workers');
    assert.deepEqual(
      instances.map(({ instanceId }) => instanceId),
      ['i-0a', 'i-0b'],
    );
    assert.deepEqual(instances[0], {
      instanceId: 'i-0a',
      imageId: 'ami-0a',
      architecture: 'x86_64',
      instanceType: 'm7i.large',
      zone: 'eu-west-1a',
      launchedAt: '2026-01-01T00:00:00.000Z',
    });
    const { form = {} } = requests[0] ?? {};
    assert.equal(form['Filter.1.Name'], 'tag:aws:autoscaling:groupName');
    assert.equal(form['Filter.1.Value.1'], 'workers');
    assert.deepEqual([form['Filter.2.Value.1'], form['Filter.2.Value.2']], ['pending', 'running']);
    assert.equal(requests[1]?.form.NextToken, 'more');
  });
});

describe('EKS through the SDK', () => {
  const request = {
    clusterName: 'shop',
    nodegroupName: 'workers',
    version: '1.33',
    releaseVersion: '1.33.5-20260101',
    force: true,
    clientRequestToken: 'token',
  };
  const update = {
    id: 'u-1',
    status: 'Failed',
    type: 'VersionUpdate',
    params: [{ type: 'Version', value: '1.33' }],
    createdAt: 1_767_225_600,
    errors: [{ errorCode: 'PodEvictionFailure', errorMessage: 'Reached max retries', resourceIds: ['node-a'] }],
  };
  const read = {
    id: 'u-1',
    status: 'Failed',
    type: 'VersionUpdate',
    params: { Version: '1.33' },
    createdAt: '2026-01-01T00:00:00.000Z',
    errors: [{ code: 'PodEvictionFailure', message: 'Reached max retries', resourceIds: ['node-a'] }],
  };

  it('asks for an update with our own token, and reads it', async () => {
    const { config, requests } = fakeAws(json({ update }));
    assert.deepEqual(await connectEks(config).updateNodegroupVersion(request), read);
    const { clusterName: _, nodegroupName: __, ...body } = request;
    assert.equal(requests[0]?.path, '/clusters/shop/node-groups/workers/update-version');
    assert.deepEqual(requests[0]?.json, body);
  });

  const mismatch =
    'Nodegroup Kubernetes version should be equal to Cluster kubernetes version 1.34 or NodeGroup kubernetes version 1.33';
  it('returns as values that the group is in use, and that the version is neither of the two allowed', async () => {
    const busy = fakeAws(jsonError('ResourceInUseException', 'Nodegroup cannot be updated', 409));
    assert.equal(await connectEks(busy.config).updateNodegroupVersion(request), 'inUse');
    const other = fakeAws(jsonError('InvalidParameterException', mismatch));
    assert.deepEqual(await connectEks(other.config).updateNodegroupVersion(request), { versionMismatch: mismatch });
  });

  it('throws any other refusal with the message of EKS', async () => {
    const text = 'Requested release version 1.33.5-20260101 is not valid for kubernetes version 1.33.';
    const { config } = fakeAws(jsonError('InvalidParameterException', text));
    await assert.rejects(connectEks(config).updateNodegroupVersion(request), {
      name: 'InvalidInput',
      message: /Requested release version 1\.33\.5-20260101 is not valid/,
    });
  });

  it('reads an update, and says when there is none', async () => {
    const { config } = fakeAws(json({ update }));
    assert.deepEqual(await connectEks(config).findUpdate('shop', 'workers', 'u-1'), read);
    const none = fakeAws(jsonError('ResourceNotFoundException', 'No update found for ID: u-2', 404));
    assert.equal(await connectEks(none.config).findUpdate('shop', 'workers', 'u-2'), undefined);
  });

  it('lists updates page by page', async () => {
    const { config } = fakeAws(json({ updateIds: ['u-1'], nextToken: 'more' }), json({ updateIds: ['u-2'] }));
    assert.deepEqual(await connectEks(config).listUpdates('shop', 'workers'), ['u-1', 'u-2']);
  });

  it('names the node groups of a cluster, page by page', async () => {
    const { config, requests } = fakeAws(
      json({ nodegroups: ['blue'], nextToken: 'more' }),
      json({ nodegroups: ['green'], nextToken: null }),
    );
    assert.deepEqual(await connectEks(config).listNodegroups('shop'), ['blue', 'green']);
    assert.deepEqual(
      requests.map(({ path }) => path),
      ['/clusters/shop/node-groups', '/clusters/shop/node-groups'],
    );
  });

  it('says whether Auto Mode is on', async () => {
    const cluster = { name: 'shop', status: 'ACTIVE', version: '1.33', computeConfig: { enabled: true } };
    const { config } = fakeAws(json({ cluster }));
    assert.equal((await connectEks(config).findCluster('shop'))?.hasAutoMode, true);
  });

  it('reads a cluster', async () => {
    const cluster = {
      name: 'prod',
      version: '1.33',
      status: 'ACTIVE',
      endpoint: 'https://eks.invalid',
      certificateAuthority: { data: 'Q0E=' },
    };
    const { config } = fakeAws(json({ cluster }));
    assert.deepEqual(await connectEks(config).findCluster('prod'), { ...cluster, certificateAuthority: 'Q0E=' });
  });

  it('reads a cluster that is being created, which has no endpoint yet', async () => {
    const { config } = fakeAws(json({ cluster: { name: 'prod', version: '1.33', status: 'CREATING' } }));
    const found = await connectEks(config).findCluster('prod');
    assert.deepEqual(found, { name: 'prod', version: '1.33', status: 'CREATING' });
  });

  it('says that there is no such cluster or node group', async () => {
    const { config } = fakeAws(jsonError('ResourceNotFoundException', 'No cluster found for name: prod.', 404));
    const eks = connectEks(config);
    assert.equal(await eks.findCluster('prod'), undefined);
    assert.equal(await eks.findNodegroup('prod', 'workers'), undefined);
  });

  it('reads a node group with its group, update settings and health issues', async () => {
    const { config } = fakeAws(
      json({
        nodegroup: {
          nodegroupName: 'workers',
          status: 'DEGRADED',
          version: '1.33',
          releaseVersion: '1.33.1-20260101',
          amiType: 'AL2023_x86_64_STANDARD',
          resources: { autoScalingGroups: [{ name: 'eks-workers-1' }] },
          updateConfig: { maxUnavailablePercentage: 10 },
          labels: { team: 'core' },
          health: { issues: [{ code: 'AccessDenied', message: 'no role' }] },
        },
      }),
    );
    assert.deepEqual(await connectEks(config).findNodegroup('prod', 'workers'), {
      name: 'workers',
      status: 'DEGRADED',
      version: '1.33',
      releaseVersion: '1.33.1-20260101',
      amiType: 'AL2023_x86_64_STANDARD',
      autoScalingGroupName: 'eks-workers-1',
      updateConfig: { maxUnavailablePercentage: 10 },
      labels: { team: 'core' },
      healthIssues: ['AccessDenied: no role'],
    });
  });
});

describe('SSM parameters through the SDK', () => {
  it('reads a value', async () => {
    const { config, requests } = fakeAws(json({ Parameter: { Name: '/a', Value: 'ami-0a' } }));
    assert.equal(await connectParameters(config).find('/a'), 'ami-0a');
    assert.deepEqual(requests[0]?.json, { Name: '/a' });
  });

  for (const code of ['ParameterNotFound', 'ParameterVersionNotFound']) {
    it(`says that there is no such parameter on ${code}`, async () => {
      const { config } = fakeAws(jsonError(code, ''));
      assert.equal(await connectParameters(config).find('/nothing'), undefined);
    });
  }
});

describe('CloudWatch alarms through the SDK', () => {
  it('reads metric and composite alarms, and leaves out names without an alarm', async () => {
    const { config, requests } = fakeAws(
      json({
        MetricAlarms: [{ AlarmName: 'errors', StateValue: 'OK' }],
        CompositeAlarms: [{ AlarmName: 'site', StateValue: 'ALARM' }],
      }),
    );
    const states = await connectAlarms(config).states(['errors', 'site', 'typo', 'errors']);
    assert.deepEqual(states, { errors: 'OK', site: 'ALARM' });
    assert.deepEqual(requests[0]?.json.AlarmNames, ['errors', 'site', 'typo']);
    assert.deepEqual(requests[0]?.json.AlarmTypes, ['MetricAlarm', 'CompositeAlarm']);
  });

  it('asks for at most 100 alarms a call, and makes no call for no alarms', async () => {
    const { config, requests } = fakeAws(json({ MetricAlarms: [], CompositeAlarms: [] }));
    const alarms = connectAlarms(config);
    assert.deepEqual(await alarms.states([]), {});
    assert.equal(requests.length, 0);
    await alarms.states(Array.from({ length: 101 }, (_, index) => `alarm-${index}`));
    assert.deepEqual(
      requests.map(({ json: { AlarmNames } }) => (AlarmNames as string[]).length),
      [100, 1],
    );
  });
});

describe('Step Functions executions through the SDK', () => {
  const arn = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:run-1';
  for (const [status, isRunning] of [
    ['RUNNING', true],
    ['PENDING_REDRIVE', true],
    ['SUCCEEDED', false],
    ['FAILED', false],
    ['ABORTED', false],
    ['TIMED_OUT', false],
  ] as const) {
    it(`considers an execution that is ${status} ${isRunning ? 'running' : 'ended'}`, async () => {
      const { config } = fakeAws(json({ executionArn: arn, status }));
      assert.equal(await connectExecutions(config).isRunning(arn), isRunning);
    });
  }

  for (const code of ['ExecutionDoesNotExist', 'InvalidArn']) {
    it(`considers an execution ended on ${code}`, async () => {
      const { config } = fakeAws(jsonError(code, 'no such execution'));
      assert.equal(await connectExecutions(config).isRunning(arn), false);
    });
  }
});
