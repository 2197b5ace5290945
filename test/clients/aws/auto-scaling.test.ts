import assert from 'node:assert/strict';
import { connectAutoScaling } from '../../../clients/aws/auto-scaling.ts';
import { fakeAws, queryError, xml } from './fake-aws.ts';

const TEMPLATE =
  '<LaunchTemplateId>lt-0a</LaunchTemplateId><LaunchTemplateName>workers</LaunchTemplateName><Version>7</Version>';

const group = (source: string, more = '') =>
  xml(
    'DescribeAutoScalingGroups',
    `<AutoScalingGroups><member><AutoScalingGroupName>workers</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>6</MaxSize>
     <DesiredCapacity>3</DesiredCapacity><AvailabilityZones><member>eu-west-1a</member><member>eu-west-1b</member></AvailabilityZones>
     ${source}${more}</member></AutoScalingGroups>`,
  );

const MIXED = `<MixedInstancesPolicy><LaunchTemplate>
  <LaunchTemplateSpecification>${TEMPLATE}</LaunchTemplateSpecification>
  <Overrides>
    <member><InstanceType>m7i.large</InstanceType><WeightedCapacity>2</WeightedCapacity></member>
    <member><InstanceType>m7g.large</InstanceType><LaunchTemplateSpecification><LaunchTemplateId>lt-0b</LaunchTemplateId><LaunchTemplateName>arm</LaunchTemplateName><Version>2</Version></LaunchTemplateSpecification></member>
    <member><InstanceType>m7a.large</InstanceType><ImageId>ami-0c</ImageId></member>
  </Overrides></LaunchTemplate>
  <InstancesDistribution><OnDemandBaseCapacity>1</OnDemandBaseCapacity></InstancesDistribution></MixedInstancesPolicy>`;

async function found(answer: ReturnType<typeof group>) {
  const { config } = fakeAws(answer);
  const answered = await connectAutoScaling(config).findGroup('workers');
  assert.ok(answered);
  return answered;
}

describe('Auto Scaling through the SDK', () => {
  it('finds the groups of a cluster by its tag, page by page', async () => {
    const page = (name: string, token = '') =>
      xml(
        'DescribeAutoScalingGroups',
        `<AutoScalingGroups><member><AutoScalingGroupName>${name}</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>6</MaxSize>
         <DesiredCapacity>3</DesiredCapacity></member></AutoScalingGroups>${token}`,
      );
    const { config, requests } = fakeAws(page('blue', '<NextToken>more</NextToken>'), page('green'));
    const groups = await connectAutoScaling(config).listClusterGroups('shop');
    assert.deepEqual(
      groups.map(({ name }) => name),
      ['blue', 'green'],
    );
    assert.deepEqual(
      requests.map(({ form }) => form.NextToken),
      [undefined, 'more'],
    );
    for (const { form } of requests) {
      assert.equal(form['Filters.member.1.Name'], 'tag:kubernetes.io/cluster/shop');
      assert.equal(form['Filters.member.1.Values.member.1'], 'owned');
      assert.equal(form['Filters.member.1.Values.member.2'], 'shared');
    }
  });

  it('finds the groups that have a tag, whatever its value', async () => {
    const { config, requests } = fakeAws(group(''));
    const groups = await connectAutoScaling(config).listTaggedGroups('eks-nodegroup-upgrade/original-sizes');
    assert.deepEqual(
      groups.map(({ name }) => name),
      ['workers'],
    );
    assert.equal(requests[0]?.form['Filters.member.1.Name'], 'tag-key');
    assert.equal(requests[0]?.form['Filters.member.1.Values.member.1'], 'eks-nodegroup-upgrade/original-sizes');
  });

  for (const [what, list] of [
    ['groups of a cluster', (service) => service.listClusterGroups('shop')],
    ['groups with a tag', (service) => service.listTaggedGroups('mark')],
    ['groups that follow $Latest of a template', (service) => service.listFollowersOfLatest('lt-0a')],
  ] as [string, (service: ReturnType<typeof connectAutoScaling>) => Promise<unknown>][]) {
    it(`asks again for ${what} when the answer has no list of groups`, () =>
      assert.rejects(list(connectAutoScaling(fakeAws(xml('DescribeAutoScalingGroups', '')).config)), {
        name: 'ServiceUnavailable',
      }));
  }

  it('finds the group and the state of an instance, until no group has it', async () => {
    const { config, requests } = fakeAws(
      xml(
        'DescribeAutoScalingInstances',
        `<AutoScalingInstances><member><InstanceId>i-0a</InstanceId><AutoScalingGroupName>workers</AutoScalingGroupName>
         <LifecycleState>Terminating:Wait</LifecycleState></member></AutoScalingInstances>`,
      ),
      xml('DescribeAutoScalingInstances', '<AutoScalingInstances/>'),
    );
    const autoScaling = connectAutoScaling(config);
    assert.deepEqual(await autoScaling.findInstance('i-0a'), {
      autoScalingGroupName: 'workers',
      lifecycleState: 'Terminating:Wait',
    });
    assert.equal(requests[0]?.form['InstanceIds.member.1'], 'i-0a');
    assert.equal(await autoScaling.findInstance('i-0a'), undefined);
  });

  it('reads a group with its instances, tags and suspended processes', async () => {
    const answered = await found(
      group(
        `<LaunchTemplate>${TEMPLATE}</LaunchTemplate>`,
        `<Instances><member><InstanceId>i-0a</InstanceId><InstanceType>m7i.large</InstanceType><AvailabilityZone>eu-west-1a</AvailabilityZone>
         <LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus><ProtectedFromScaleIn>true</ProtectedFromScaleIn>
         <LaunchTemplate>${TEMPLATE}</LaunchTemplate></member>
         <member><InstanceId>i-0b</InstanceId><AvailabilityZone>eu-west-1b</AvailabilityZone><LifecycleState>Terminating:Wait</LifecycleState>
         <HealthStatus>Unhealthy</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn></member></Instances>
         <SuspendedProcesses><member><ProcessName>AZRebalance</ProcessName><SuspensionReason>User suspended</SuspensionReason></member></SuspendedProcesses>
         <Tags><member><Key>team</Key><Value>core</Value></member></Tags><WarmPoolConfiguration><MinSize>0</MinSize></WarmPoolConfiguration>`,
      ),
    );
    assert.deepEqual(answered, {
      name: 'workers',
      minSize: 1,
      maxSize: 6,
      desiredCapacity: 3,
      zones: ['eu-west-1a', 'eu-west-1b'],
      launchSource: { launchTemplateId: 'lt-0a', version: '7', overridingTemplates: [], usesWeights: false },
      instances: [
        {
          instanceId: 'i-0a',
          zone: 'eu-west-1a',
          lifecycleState: 'InService',
          isHealthy: true,
          isProtectedFromScaleIn: true,
          instanceType: 'm7i.large',
          launchTemplateId: 'lt-0a',
          launchTemplateVersion: 7,
        },
        {
          instanceId: 'i-0b',
          zone: 'eu-west-1b',
          lifecycleState: 'Terminating:Wait',
          isHealthy: false,
          isProtectedFromScaleIn: false,
        },
      ],
      suspendedProcesses: [{ name: 'AZRebalance', reason: 'User suspended' }],
      tags: { team: 'core' },
      hasWarmPool: true,
    });
  });

  it('says that there is no such group when the service answers with an empty list', async () => {
    const { config } = fakeAws(xml('DescribeAutoScalingGroups', '<AutoScalingGroups/>'));
    assert.equal(await connectAutoScaling(config).findGroup('nobody'), undefined);
  });

  it('reads a group without its instances when they are not needed', async () => {
    const { config, requests } = fakeAws(group(`<LaunchTemplate>${TEMPLATE}</LaunchTemplate>`));
    const autoScaling = connectAutoScaling(config);
    await autoScaling.findGroup('workers', { withInstances: false });
    await autoScaling.findGroup('workers');
    assert.deepEqual(
      requests.map(({ form }) => form.IncludeInstances),
      ['false', undefined],
    );
  });

  it('names the overrides that take precedence over the template of a mixed policy, and finds weights', async () => {
    const { launchSource } = await found(group(MIXED));
    assert.equal(launchSource?.launchTemplateId, 'lt-0a');
    assert.equal(launchSource?.usesWeights, true);
    assert.deepEqual(launchSource?.overridingTemplates, [
      'the override for m7g.large has its own launch template lt-0b',
      'the override for m7a.large has its own AMI ami-0c',
    ]);
  });

  it('has no launch source for a group with a launch configuration', async () => {
    const answered = await found(group('<LaunchConfigurationName>old</LaunchConfigurationName>'));
    assert.equal(answered.launchSource, undefined);
    assert.equal(answered.launchConfigurationName, 'old');
  });

  it('changes the template version by id only, because the service refuses id and name together', async () => {
    const { config, requests } = fakeAws(
      group(`<LaunchTemplate>${TEMPLATE}</LaunchTemplate>`),
      xml('UpdateAutoScalingGroup', ''),
    );
    const autoScaling = connectAutoScaling(config);
    const answered = await autoScaling.findGroup('workers');
    assert.ok(answered);
    await autoScaling.useLaunchTemplateVersion(answered, '8');
    const { Version: _, Action, ...sent } = requests[1]?.form ?? {};
    assert.equal(Action, 'UpdateAutoScalingGroup');
    assert.deepEqual(sent, {
      AutoScalingGroupName: 'workers',
      'LaunchTemplate.LaunchTemplateId': 'lt-0a',
      'LaunchTemplate.Version': '8',
    });
  });

  it('sends a mixed policy back whole, with only the version changed', async () => {
    const { config, requests } = fakeAws(group(MIXED), xml('UpdateAutoScalingGroup', ''));
    const autoScaling = connectAutoScaling(config);
    const answered = await autoScaling.findGroup('workers');
    assert.ok(answered);
    await autoScaling.useLaunchTemplateVersion(answered, '8');
    const { Version: _, Action: _action, ...sent } = requests[1]?.form ?? {};
    const at = 'MixedInstancesPolicy.LaunchTemplate';
    assert.deepEqual(sent, {
      AutoScalingGroupName: 'workers',
      [`${at}.LaunchTemplateSpecification.LaunchTemplateId`]: 'lt-0a',
      [`${at}.LaunchTemplateSpecification.Version`]: '8',
      [`${at}.Overrides.member.1.InstanceType`]: 'm7i.large',
      [`${at}.Overrides.member.1.WeightedCapacity`]: '2',
      [`${at}.Overrides.member.2.InstanceType`]: 'm7g.large',
      [`${at}.Overrides.member.2.LaunchTemplateSpecification.LaunchTemplateId`]: 'lt-0b',
      [`${at}.Overrides.member.2.LaunchTemplateSpecification.Version`]: '2',
      [`${at}.Overrides.member.3.InstanceType`]: 'm7a.large',
      [`${at}.Overrides.member.3.ImageId`]: 'ami-0c',
      'MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity': '1',
    });
  });

  it('refuses to change the template of a group that has none', async () => {
    const { config } = fakeAws(group(''));
    const answered = await found(group(''));
    await assert.rejects(connectAutoScaling(config).useLaunchTemplateVersion(answered, '8'), {
      name: 'UnsupportedNodegroup',
    });
  });

  it('sets in one call the sizes that are given, and only those', async () => {
    const { config, requests } = fakeAws(xml('UpdateAutoScalingGroup', ''));
    await connectAutoScaling(config).resize('workers', { maxSize: 9, desiredCapacity: 9 });
    const { MaxSize, DesiredCapacity, MinSize } = requests[0]?.form ?? {};
    assert.deepEqual([MinSize, MaxSize, DesiredCapacity], [undefined, '9', '9']);
    assert.equal(requests.length, 1);
  });

  const accepted = (cause: string) =>
    xml('TerminateInstanceInAutoScalingGroup', `<Activity><Cause>At 2026-01-04T03:00:00Z ${cause}</Cause></Activity>`);
  const terminations: [title: string, answer: ReturnType<typeof xml>, outcome: string][] = [
    ['an accepted termination', accepted(''), 'terminating'],
    [
      'an accepted termination with its cause',
      accepted(
        'instance i-0a was taken out of service in response to a user request, shrinking the capacity from 4 to 3.',
      ),
      'terminating',
    ],
    [
      'an instance that goes because somebody made the group smaller',
      accepted(
        'an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 4 to 3. At 2026-01-04T03:00:00Z instance i-0a was selected for termination.',
      ),
      'goingAlready',
    ],
    [
      'an instance that the group no longer has',
      queryError('ValidationError', 'Instance Id not found - No managed instance found for instance ID i-0a'),
      'gone',
    ],
    [
      'a decrement at the minimum size',
      queryError(
        'ValidationError',
        "Currently, desiredSize equals minSize (3). Terminating instance without replacement will violate group's min size constraint.",
      ),
      'atMinimum',
    ],
  ];
  for (const [title, answer, outcome] of terminations) {
    it(`answers ${outcome} to ${title}`, async () => {
      const { config, requests } = fakeAws(answer);
      assert.equal(await connectAutoScaling(config).terminate('i-0a', { decrement: true }), outcome);
      assert.equal(requests[0]?.form.ShouldDecrementDesiredCapacity, 'true');
    });
  }

  const refusals: [title: string, answer: ReturnType<typeof xml>, error: string][] = [
    ['a scaling activity in progress', queryError('ScalingActivityInProgress', 'Activity in progress'), 'Conflict'],
    ['a contended resource', queryError('ResourceContention', 'Try again', 500), 'Conflict'],
    ['throttling', queryError('Throttling', 'Rate exceeded'), 'Throttled'],
    ['any other validation error', queryError('ValidationError', '1 validation error detected'), 'InvalidInput'],
  ];
  for (const [title, answer, error] of refusals) {
    it(`throws ${error} for ${title}`, async () => {
      const { config } = fakeAws(answer);
      await assert.rejects(connectAutoScaling(config).terminate('i-0a', { decrement: false }), { name: error });
    });
  }

  it('collects failed launches from every page, newest first, and no other activity', async () => {
    const activity = (
      startedAt: string,
      status: string,
      description = 'Launching a new EC2 instance',
      message = 'no capacity',
    ) =>
      `<member><ActivityId>a</ActivityId><AutoScalingGroupName>workers</AutoScalingGroupName><Cause>c</Cause><Description>${description}</Description>
       <StartTime>${startedAt}</StartTime><StatusCode>${status}</StatusCode><StatusMessage>${message}</StatusMessage>
       <Details>{"Subnet ID":"subnet-0a","Availability Zone":"eu-west-1b"}</Details></member>`;
    const { config, requests } = fakeAws(
      xml(
        'DescribeScalingActivities',
        `<Activities>${activity('2026-01-01T10:05:00Z', 'Failed')}${activity('2026-01-01T10:06:00Z', 'Failed', 'Terminating EC2 instance: i-0a')}
         ${activity('2026-01-01T10:07:00Z', 'Cancelled', undefined, "Instance failed to complete user's Lifecycle Action")}</Activities><NextToken>more</NextToken>`,
      ),
      xml(
        'DescribeScalingActivities',
        `<Activities>${activity('2026-01-01T10:01:00Z', 'Cancelled')}${activity('2026-01-01T09:59:00Z', 'Failed')}${activity('2026-01-01T10:02:00Z', 'Failed', undefined, 'the AMI does not exist')}</Activities>`,
      ),
    );
    const failures = await connectAutoScaling(config).launchFailures('workers', new Date('2026-01-01T10:00:00Z'));
    assert.deepEqual(failures, [
      {
        startedAt: '2026-01-01T10:07:00.000Z',
        zone: 'eu-west-1b',
        message: "Instance failed to complete user's Lifecycle Action",
      },
      { startedAt: '2026-01-01T10:05:00.000Z', zone: 'eu-west-1b', message: 'no capacity' },
      { startedAt: '2026-01-01T10:02:00.000Z', zone: 'eu-west-1b', message: 'the AMI does not exist' },
    ]);
    assert.equal(requests[0]?.form['Filters.member.1.Values.member.1'], '2026-01-01T10:00:00.000Z');
    assert.equal(requests[1]?.form.NextToken, 'more');
  });

  const requested = (id: string, more = '') =>
    `At 2026-01-01T10:05:00Z instance ${id} was taken out of service in response to a user request${more}.`;
  const shrinking = ', shrinking the capacity from 3 to 2';
  const lowered =
    'At 2026-01-01T10:05:00Z an instance was taken out of service in response to a difference between desired and actual ' +
    'capacity, shrinking the capacity from 3 to 2. At 2026-01-01T10:05:00Z instance i-0a was selected for termination.';
  const activityPage = (causes: string[], startedAt: string, more = '') => {
    const members = causes.map(
      (cause) =>
        `<member><ActivityId>a</ActivityId><Cause>${cause}</Cause><StartTime>${startedAt}</StartTime><StatusCode>InProgress</StatusCode></member>`,
    );
    return xml('DescribeScalingActivities', `<Activities>${members.join('')}</Activities>${more}`);
  };
  const recent = '2026-01-01T10:05:00Z';
  const effects: [title: string, pages: ReturnType<typeof xml>[], effect: string | undefined][] = [
    ['shrank for a request with a decrement', [activityPage([requested('i-0a', shrinking)], recent)], 'shrank'],
    ['replaced for a request without one', [activityPage([requested('i-0a')], recent)], 'replaced'],
    [
      'shrank when only one of two requests had a decrement, on a later page',
      [
        activityPage([requested('i-0a')], recent, '<NextToken>more</NextToken>'),
        activityPage([requested('i-0a', shrinking)], recent),
      ],
      'shrank',
    ],
    [
      'nothing for a request about another instance',
      [activityPage([requested('i-0aa', shrinking)], recent)],
      undefined,
    ],
    [
      'nothing when the capacity was lowered and the group chose the instance',
      [activityPage([lowered], recent)],
      undefined,
    ],
    ['nothing for what happened before', [activityPage([requested('i-0a')], '2026-01-01T09:59:59Z')], undefined],
    ['nothing when nothing happened', [activityPage([], recent)], undefined],
  ];
  for (const [title, pages, effect] of effects) {
    it(`says of a termination: ${title}`, async () => {
      const { config, requests } = fakeAws(...pages);
      const since = new Date('2026-01-01T10:00:00Z');
      assert.equal(await connectAutoScaling(config).terminationOf('workers', 'i-0a', since), effect);
      assert.equal(requests.length, pages.length);
      assert.equal(requests[0]?.form['Filters.member.1.Name'], 'StartTimeLowerBound');
      assert.equal(requests[0]?.form['Filters.member.1.Values.member.1'], '2026-01-01T10:00:00.000Z');
    });
  }

  it('writes at most 25 tags a call, which instances do not inherit', async () => {
    const { config, requests } = fakeAws(xml('CreateOrUpdateTags', ''));
    const tags = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`key-${index}`, 'value']));
    await connectAutoScaling(config).setTags('workers', tags);
    assert.equal(requests.length, 2);
    assert.equal(requests[0]?.form['Tags.member.25.Key'], 'key-24');
    assert.equal(requests[0]?.form['Tags.member.1.PropagateAtLaunch'], 'false');
    assert.equal(requests[1]?.form['Tags.member.1.Key'], 'key-25');
  });

  it('sends no request when there is no tag to remove', async () => {
    const { config, requests } = fakeAws(xml('DeleteTags', ''));
    const autoScaling = connectAutoScaling(config);
    await autoScaling.removeTags('workers', []);
    assert.equal(requests.length, 0);
    await autoScaling.removeTags('workers', ['key']);
    assert.equal(requests[0]?.form['Tags.member.1.ResourceId'], 'workers');
    assert.equal(requests[0]?.form['Tags.member.1.ResourceType'], 'auto-scaling-group');
  });

  it('suspends and resumes only the named process', async () => {
    const { config, requests } = fakeAws(xml('SuspendProcesses', ''));
    const autoScaling = connectAutoScaling(config);
    await autoScaling.suspendProcess('workers', 'AZRebalance');
    await autoScaling.resumeProcess('workers', 'AZRebalance');
    assert.deepEqual(
      requests.map(({ form }) => [form.Action, form['ScalingProcesses.member.1']]),
      [
        ['SuspendProcesses', 'AZRebalance'],
        ['ResumeProcesses', 'AZRebalance'],
      ],
    );
  });

  for (const [status, isActive] of [
    ['Pending', true],
    ['InProgress', true],
    ['Cancelling', true],
    ['RollbackInProgress', true],
    ['Baking', true],
    ['Successful', false],
    ['Failed', false],
    ['Cancelled', false],
    ['RollbackSuccessful', false],
  ] as const) {
    it(`considers an instance refresh that is ${status} ${isActive ? 'active' : 'ended'}`, async () => {
      const { config } = fakeAws(
        xml(
          'DescribeInstanceRefreshes',
          `<InstanceRefreshes><member><Status>${status}</Status></member></InstanceRefreshes>`,
        ),
      );
      assert.equal(await connectAutoScaling(config).hasActiveInstanceRefresh('workers'), isActive);
    });
  }

  it('#41 names the hooks that keep an instance while it terminates', async () => {
    const hook = (name: string, transition: string) =>
      `<member><LifecycleHookName>${name}</LifecycleHookName><LifecycleTransition>autoscaling:EC2_INSTANCE_${transition}</LifecycleTransition><HeartbeatTimeout>3600</HeartbeatTimeout></member>`;
    const hooks = [hook('drainer', 'TERMINATING'), hook('bootstrap', 'LAUNCHING')].join('');
    const { config } = fakeAws(xml('DescribeLifecycleHooks', `<LifecycleHooks>${hooks}</LifecycleHooks>`));
    assert.deepEqual(await connectAutoScaling(config).terminationHooks('workers'), [
      { name: 'drainer', seconds: 3600 },
    ]);
  });
});
