import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateClusterCommand, CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDeps } from '../../../clients/lambda/deps.ts';
import { type Side, WORLD } from './side.ts';

type Config = Pick<Side['config'], 'region' | 'endpoint' | 'credentials'>;

async function makeGroup(config: Config): Promise<void> {
  const { group, zones, sizes, instanceType } = WORLD;
  const ec2 = new EC2Client(config);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  const old = Images.find(({ Architecture }) => Architecture === 'x86_64')?.ImageId;
  if (old === undefined) throw new Error('there are no images');
  const LaunchTemplateData = { ImageId: old, InstanceType: instanceType };
  await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: group, LaunchTemplateData }));
  await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: group, LaunchTemplateData }));
  await new AutoScalingClient(config).send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      MinSize: sizes.minSize,
      MaxSize: sizes.maxSize,
      DesiredCapacity: sizes.desiredCapacity,
      AvailabilityZones: [...zones],
      LaunchTemplate: { LaunchTemplateName: group, Version: '2' },
    }),
  );
}

async function makeAlarm(config: Config): Promise<void> {
  const client = new CloudWatchClient(config);
  const alarm = {
    AlarmName: WORLD.alarm,
    Namespace: 'contract',
    MetricName: 'errors',
    Statistic: 'Sum' as const,
    ComparisonOperator: 'GreaterThanThreshold' as const,
    Threshold: 1,
    Period: 60,
    EvaluationPeriods: 1,
  };
  await client.send(new PutMetricAlarmCommand(alarm));
  await client.send(new SetAlarmStateCommand({ AlarmName: WORLD.alarm, StateValue: 'OK', StateReason: 'contract' }));
}

async function makeNodegroup(config: Config): Promise<void> {
  const { cluster, nodegroup, instanceType } = WORLD;
  const { Subnets = [] } = await new EC2Client(config).send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.slice(0, 2).map(({ SubnetId = '' }) => SubnetId);
  const eks = new EKSClient(config);
  const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
  await eks.send(
    new CreateClusterCommand({
      name: cluster,
      version: '1.33',
      roleArn: role('cluster'),
      resourcesVpcConfig: { subnetIds: subnets },
    }),
  );
  await eks.send(
    new CreateNodegroupCommand({
      clusterName: cluster,
      nodegroupName: nodegroup,
      nodeRole: role('node'),
      subnets,
      instanceTypes: [instanceType],
      amiType: 'AL2023_x86_64_STANDARD',
      scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
      updateConfig: { maxUnavailable: 1 },
    }),
  );
}

/** Make the world of the contract in an emulator. */
export async function startEmulator(endpoint: string): Promise<Side> {
  const { region, parameter } = WORLD;
  const config = { region, endpoint, credentials: { accessKeyId: 'AKIATESTER', secretAccessKey: 'irrelevant' } };
  await makeGroup(config);
  await makeAlarm(config);
  await makeNodegroup(config);
  await new SSMClient(config).send(new PutParameterCommand({ Name: parameter, Value: 'value', Type: 'String' }));
  const clock = { now: () => new Date(), sleep: async () => {} };
  return {
    deps: createDeps({ ...config, clock, random: () => 0 }),
    config,
    // Emulators do at once what takes AWS its time.
    letPass: async () => {},
  };
}
