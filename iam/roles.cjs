// Who may do what: one role per function, made of the calls it makes. `CALLS` is reviewed by people and checked against
// the functions' source by test/permissions.test.ts; `GRANTS` says what AWS asks for each call. Read by serverless.yml.

const { upgradeCluster, upgradeNode, upgradeNodegroup } = require('../statemachines/load.cjs');
const { isInVpc } = require('./network.cjs');

const arn = (rest) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
const here = (service, rest) => arn(`${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`);

/**
 * The calls each step makes, as `port.method` of clients/ports.ts. `cluster` means all calls to the
 * Kubernetes API: IAM only lets a function find the cluster, RBAC (kubernetes/rbac.yaml) decides the rest.
 */
const CALLS = {
  planUpgrade: [
    'alarms.states',
    'autoScaling.findGroup',
    'autoScaling.hasActiveInstanceRefresh',
    'autoScaling.listFollowersOfLatest',
    'autoScaling.terminationHooks',
    'autoScaling.terminationOf',
    'cluster',
    'ec2.findImage',
    'ec2.findLaunchTemplateVersion',
    'ec2.listInstances',
    'eks.findCluster',
    'eks.findNodegroup',
    'eks.findUpdate',
    'eks.listUpdates',
    'executions.isRunning',
    'parameters.find',
  ],
  // The plan of each group, and what finds the groups.
  planCluster: [
    'alarms.states',
    'autoScaling.findGroup',
    'autoScaling.hasActiveInstanceRefresh',
    'autoScaling.listClusterGroups',
    'autoScaling.listFollowersOfLatest',
    'autoScaling.terminationHooks',
    'autoScaling.terminationOf',
    'cluster',
    'ec2.findImage',
    'ec2.findLaunchTemplateVersion',
    'ec2.listInstances',
    'eks.findCluster',
    'eks.findNodegroup',
    'eks.findUpdate',
    'eks.listNodegroups',
    'eks.listUpdates',
    'executions.isRunning',
    'parameters.find',
  ],
  // These read and write nothing but the state.
  selectNodegroups: [],
  explainNodegroupFailure: [],
  completeCluster: [],
  explainClusterFailure: [],
  acquireLock: ['cluster', 'executions.isRunning'],
  startNodegroupUpdate: [
    'alarms.states',
    'autoScaling.findGroup',
    'cluster',
    'eks.findCluster',
    'eks.findUpdate',
    'eks.listUpdates',
    'eks.updateNodegroupVersion',
  ],
  checkNodegroupUpdate: [
    'alarms.states',
    'autoScaling.findGroup',
    'autoScaling.launchFailures',
    'cluster',
    'eks.findNodegroup',
    'eks.findUpdate',
  ],
  createLaunchTemplateVersion: [
    'autoScaling.findGroup',
    'autoScaling.setTags',
    'autoScaling.useLaunchTemplateVersion',
    'ec2.createLaunchTemplateVersion',
  ],
  updateAutoScalingGroup: [
    'autoScaling.findGroup',
    'autoScaling.removeTags',
    'autoScaling.setTags',
    'autoScaling.suspendProcess',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
  ],
  takeOver: ['cluster'],
  scaleUp: [
    'autoScaling.findGroup',
    'autoScaling.resize',
    'autoScaling.setTags',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
    'ec2.listInstances',
    'nodeExecutions.describe',
    'nodeExecutions.listRunning',
  ],
  checkNewNodes: [
    'autoScaling.findGroup',
    'autoScaling.launchFailures',
    'cluster',
    'ec2.listInstances',
    'nodeExecutions.describe',
    'nodeExecutions.listRunning',
  ],
  taintOutdatedNodes: ['autoScaling.findGroup', 'cluster', 'ec2.listInstances'],
  // Terminates nothing itself: that is what node executions are for.
  upgradeNodes: [
    'alarms.states',
    'autoScaling.findGroup',
    'autoScaling.hasActiveInstanceRefresh',
    'autoScaling.launchFailures',
    'autoScaling.terminationOf',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
    'ec2.listInstances',
    'executions.isRunning',
    'nodeExecutions.describe',
    'nodeExecutions.listRunning',
    'nodeExecutions.start',
    'nodeExecutions.stop',
  ],
  scaleDown: [
    'autoScaling.findGroup',
    'autoScaling.launchFailures',
    'autoScaling.removeTags',
    'autoScaling.resize',
    'autoScaling.setTags',
    'autoScaling.suspendProcess',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
    'ec2.listInstances',
    'nodeExecutions.describe',
    'nodeExecutions.listRunning',
  ],
  completeUpgrade: [
    'autoScaling.findGroup',
    'autoScaling.removeTags',
    'autoScaling.resumeProcess',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
    'ec2.findLaunchTemplateVersion',
    'ec2.listInstances',
  ],
  // A run none of whose new nodes became healthy is put back here: only those are terminated.
  recoverFromFailure: [
    'autoScaling.findGroup',
    'autoScaling.removeTags',
    'autoScaling.resize',
    'autoScaling.resumeProcess',
    'autoScaling.setTags',
    'autoScaling.terminate',
    'autoScaling.terminationOf',
    'autoScaling.useLaunchTemplateVersion',
    'cluster',
    'ec2.deleteLaunchTemplateVersion',
    'ec2.findLaunchTemplateVersion',
    'ec2.listInstances',
    'eks.findUpdate',
    'executions.isRunning',
    'nodeExecutions.describe',
    'nodeExecutions.stop',
  ],
  cleanUpEndedRuns: [
    'autoScaling.findGroup',
    'autoScaling.listTaggedGroups',
    'autoScaling.removeTags',
    'autoScaling.resumeProcess',
    'autoScaling.setTags',
    'autoScaling.terminationOf',
    'cluster',
    'eks.findNodegroup',
    'executions.isRunning',
    'nodeExecutions.describe',
    'nodeExecutions.stop',
  ],
  // A node's execution: only these functions evict, and terminate what carries pods.
  drainNode: ['cluster'],
  cordonNode: ['cluster'],
  terminateInstance: ['autoScaling.findInstance', 'autoScaling.terminate', 'autoScaling.terminationOf', 'cluster'],
};

/** The functions that reach the Kubernetes API, by their group in kubernetes/rbac.yaml: each role needs an access entry. */
const KUBERNETES_GROUPS = {
  'eks-nodegroup-upgrade-readers': ['planUpgrade', 'planCluster', 'startNodegroupUpdate', 'checkNodegroupUpdate'],
  'eks-nodegroup-upgrade-conductor': [
    'takeOver',
    'acquireLock',
    'updateAutoScalingGroup',
    'scaleUp',
    'checkNewNodes',
    'taintOutdatedNodes',
    'upgradeNodes',
    'scaleDown',
    'completeUpgrade',
    'recoverFromFailure',
    'cleanUpEndedRuns',
  ],
  'eks-nodegroup-upgrade-drain': ['drainNode', 'cordonNode', 'terminateInstance'],
};

/**
 * The statements a call needs. `scope` holds the name patterns of serverless.yml.
 *
 * Describe* actions of Auto Scaling and EC2 take no resource. CloudWatch shows composite alarms only to a permission that
 * is not narrowed. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 */
const GRANTS = (scope) => {
  const group = here('autoscaling', `autoScalingGroup:*:autoScalingGroupName/${scope.autoScalingGroupNames}`);
  const ownTags = { 'ForAllValues:StringLike': { 'aws:TagKeys': ['eks-nodegroup-upgrade/*'] } };
  const everywhere = (...actions) => [{ Action: actions, Resource: ['*'] }];
  const onGroup = (action, condition) => [
    { Action: [action], Resource: [group], ...(condition && { Condition: condition }) },
  ];
  const parameters = [
    // Public parameters have no account id.
    arn(`ssm:\${AWS::Region}::parameter/aws/service/*`),
    here('ssm', `parameter/${scope.ssmParameterNames}`),
  ];
  // A template may name its AMI by a parameter, which EC2 and Auto Scaling then read with the caller's rights.
  const resolveAlias = { Action: ['ssm:GetParameters'], Resource: parameters };
  const template = here('ec2', `launch-template/${scope.launchTemplateIds}`);
  const launching = [
    {
      Action: ['ec2:RunInstances'],
      Resource: [
        template,
        // Images, and snapshots of public images, belong to other accounts.
        arn('ec2:${AWS::Region}::image/*'),
        arn('ec2:${AWS::Region}::snapshot/*'),
        ...[
          'instance',
          'volume',
          'network-interface',
          'subnet',
          'security-group',
          'key-pair',
          'placement-group',
          'capacity-reservation',
          'spot-instances-request',
        ].map((type) => here('ec2', `${type}/*`)),
      ],
    },
    {
      Action: ['ec2:CreateTags'],
      Resource: ['instance', 'volume', 'network-interface', 'spot-instances-request'].map((type) =>
        here('ec2', `${type}/*`),
      ),
      Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
    },
  ];
  const nodeMachine = here('states', `stateMachine:${scope.nodeStateMachineName}`);
  const nodeExecution = here('states', `execution:${scope.nodeStateMachineName}:*`);
  const nodegroup = here('eks', `nodegroup/${scope.clusterNames}/*/*`);
  const updates = (action) => [
    { Action: [action], Resource: [here('eks', `cluster/${scope.clusterNames}`), nodegroup] },
  ];
  return {
    'autoScaling.findGroup': everywhere('autoscaling:DescribeAutoScalingGroups'),
    'autoScaling.listClusterGroups': everywhere('autoscaling:DescribeAutoScalingGroups'),
    'autoScaling.listFollowersOfLatest': everywhere('autoscaling:DescribeAutoScalingGroups'),
    'autoScaling.listTaggedGroups': everywhere('autoscaling:DescribeAutoScalingGroups'),
    'autoScaling.findInstance': everywhere('autoscaling:DescribeAutoScalingInstances'),
    'autoScaling.terminationOf': everywhere('autoscaling:DescribeScalingActivities'),
    'autoScaling.launchFailures': everywhere('autoscaling:DescribeScalingActivities'),
    'autoScaling.terminationHooks': everywhere('autoscaling:DescribeLifecycleHooks'),
    'autoScaling.hasActiveInstanceRefresh': everywhere('autoscaling:DescribeInstanceRefreshes'),
    'autoScaling.resize': onGroup('autoscaling:UpdateAutoScalingGroup'),
    'autoScaling.terminate': onGroup('autoscaling:TerminateInstanceInAutoScalingGroup'),
    'autoScaling.setTags': onGroup('autoscaling:CreateOrUpdateTags', ownTags),
    'autoScaling.removeTags': onGroup('autoscaling:DeleteTags', ownTags),
    'autoScaling.suspendProcess': onGroup('autoscaling:SuspendProcesses'),
    'autoScaling.resumeProcess': onGroup('autoscaling:ResumeProcesses'),
    // Auto Scaling checks, when a group is given a template version, whether the caller could launch from it. The keys
    // ec2:LaunchTemplate and ec2:IsLaunchTemplateResource are not set in that check, so only the resources narrow it.
    // @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    'autoScaling.useLaunchTemplateVersion': [
      ...onGroup('autoscaling:UpdateAutoScalingGroup'),
      ...launching,
      {
        Action: ['iam:PassRole'],
        Resource: [arn(`iam::\${AWS::AccountId}:role/${scope.nodeRoleNames}`)],
        // ec2.amazonaws.com.cn in China.
        Condition: { StringLike: { 'iam:PassedToService': 'ec2.amazonaws.com*' } },
      },
      resolveAlias,
    ],
    'ec2.findImage': everywhere('ec2:DescribeImages'),
    'ec2.listInstances': everywhere('ec2:DescribeInstances'),
    'ec2.findLaunchTemplateVersion': [...everywhere('ec2:DescribeLaunchTemplateVersions'), resolveAlias],
    'ec2.createLaunchTemplateVersion': [{ Action: ['ec2:CreateLaunchTemplateVersion'], Resource: [template] }],
    'ec2.deleteLaunchTemplateVersion': [{ Action: ['ec2:DeleteLaunchTemplateVersions'], Resource: [template] }],
    'eks.findCluster': [{ Action: ['eks:DescribeCluster'], Resource: [here('eks', `cluster/${scope.clusterNames}`)] }],
    'eks.findNodegroup': [{ Action: ['eks:DescribeNodegroup'], Resource: [nodegroup] }],
    'eks.findUpdate': updates('eks:DescribeUpdate'),
    'eks.listUpdates': updates('eks:ListUpdates'),
    // Of a group with a launch template of its owner, EKS checks whether the caller may read that template and launch from
    // it. It passes no role: EKS's own template names the instance profile, and an owner's may not.
    // @see https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    'eks.updateNodegroupVersion': [
      { Action: ['eks:UpdateNodegroupVersion'], Resource: [nodegroup] },
      ...everywhere('ec2:DescribeLaunchTemplateVersions'),
      ...launching,
      resolveAlias,
    ],
    'eks.listNodegroups': [
      { Action: ['eks:ListNodegroups'], Resource: [here('eks', `cluster/${scope.clusterNames}`)] },
    ],
    'parameters.find': [{ Action: ['ssm:GetParameter'], Resource: parameters }],
    'alarms.states': everywhere('cloudwatch:DescribeAlarms'),
    'executions.isRunning': [
      { Action: ['states:DescribeExecution'], Resource: [here('states', `execution:${scope.stateMachineName}:*`)] },
    ],
    // An execution of upgrade-node terminates an instance: of this machine nothing else is started, read or stopped.
    'nodeExecutions.start': [{ Action: ['states:StartExecution'], Resource: [nodeMachine] }],
    'nodeExecutions.listRunning': [{ Action: ['states:ListExecutions'], Resource: [nodeMachine] }],
    'nodeExecutions.describe': [{ Action: ['states:DescribeExecution'], Resource: [nodeExecution] }],
    'nodeExecutions.stop': [{ Action: ['states:StopExecution'], Resource: [nodeExecution] }],
    // The endpoint and the certificate authority; the token is signed locally and needs no permission.
    cluster: [{ Action: ['eks:DescribeCluster'], Resource: [here('eks', `cluster/${scope.clusterNames}`)] }],
  };
};

/** What Lambda itself does in the name of the function: logs, traces and, in a VPC, network interfaces. */
function runtimeGrants(functionName, isInVpc) {
  const statements = [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: [here('logs', `log-group:/aws/lambda/${functionName}:*`)],
    },
    // X-Ray takes no resource for these.
    { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: ['*'] },
  ];
  if (!isInVpc) return statements;
  const network = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [
    ...statements,
    { Effect: 'Allow', Action: network, Resource: ['*'] },
    // For the Lambda service only, not for the function's own code.
    // @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    {
      Effect: 'Deny',
      Action: network,
      Resource: ['*'],
      Condition: { ArnEquals: { 'lambda:SourceFunctionArn': [here('lambda', `function:${functionName}`)] } },
    },
  ];
}

/** Statements on the same resources under the same condition become one; everything sorted, so that reviews see changes. */
function merge(statements) {
  const byScope = new Map();
  for (const { Action, Resource, Condition } of statements) {
    const key = JSON.stringify([Resource, Condition]);
    const merged = byScope.get(key) ?? { Effect: 'Allow', Action: [], Resource, ...(Condition && { Condition }) };
    merged.Action = [...new Set([...merged.Action, ...Action])].sort();
    byScope.set(key, merged);
  }
  return [...byScope.values()].sort((left, right) => (left.Action[0] < right.Action[0] ? -1 : 1));
}

const assumedBy = (service) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }],
});

const role = (service, policyName, statements) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: assumedBy(service),
    Policies: [{ PolicyName: policyName, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});

const pascal = (key) => key[0].toUpperCase() + key.slice(1);
const roleIdOf = (functionKey) => `${pascal(functionKey)}Role`;

function functionRole(functionKey, scope) {
  const grants = GRANTS(scope);
  const statements = CALLS[functionKey].flatMap((call) => grants[call]);
  const runtime = runtimeGrants(`${scope.functionPrefix}-${functionKey}`, scope.isInVpc);
  return role('lambda', functionKey, [...merge(statements), ...runtime]);
}

/** The functions that a state machine invokes: each Task is named after its function. */
const functionsOf = (definition) =>
  Object.values(definition.States).flatMap((state) => [
    ...(state.Resource?.['Fn::GetAtt'] === undefined ? [] : [state.Resource['Fn::GetAtt'][0]]),
    ...(state.ItemProcessor === undefined ? [] : functionsOf(state.ItemProcessor)),
  ]);

const invocations = (definition) => ({
  Effect: 'Allow',
  Action: ['lambda:InvokeFunction'],
  Resource: [...new Set(functionsOf(definition))].map((key) => ({
    'Fn::GetAtt': [`${pascal(key)}LambdaFunction`, 'Arn'],
  })),
});

// Log deliveries and X-Ray take no resource.
// @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
const logsAndTraces = {
  Effect: 'Allow',
  Action: [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
  Resource: ['*'],
};

/**
 * Run executions of the machine of a group and wait for them: start, describe and stop them, and the rule by which Step
 * Functions learns of their ends.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html
 */
const runGroupExecutions = ({ stateMachineName: name }) => [
  { Effect: 'Allow', Action: ['states:StartExecution'], Resource: [here('states', `stateMachine:${name}`)] },
  {
    Effect: 'Allow',
    Action: ['states:DescribeExecution', 'states:StopExecution'],
    Resource: [here('states', `execution:${name}:*`)],
  },
  {
    Effect: 'Allow',
    Action: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
    Resource: [here('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule')],
  },
];

/** The role of the machine of one group: its functions, and the execution that continues one whose history is full. */
const nodegroupMachineRole = (scope) =>
  role('states', 'upgradeNodegroup', [invocations(upgradeNodegroup()), ...runGroupExecutions(scope), logsAndTraces]);

/** The role of the machine of one node: its functions. */
const nodeMachineRole = () => role('states', 'upgradeNode', [invocations(upgradeNode()), logsAndTraces]);

/** The role of the machine of a cluster: its functions, and the executions of the groups. */
const clusterMachineRole = (scope) =>
  role('states', 'upgradeCluster', [invocations(upgradeCluster()), ...runGroupExecutions(scope), logsAndTraces]);

/** Roles and outputs of the stack. */
function resources(scope) {
  const roles = Object.fromEntries(Object.keys(CALLS).map((key) => [roleIdOf(key), functionRole(key, scope)]));
  return {
    Resources: {
      ...roles,
      UpgradeNodegroupStateMachineRole: nodegroupMachineRole(scope),
      UpgradeNodeStateMachineRole: nodeMachineRole(),
      UpgradeClusterStateMachineRole: clusterMachineRole(scope),
    },
    Outputs: {
      KubernetesAccessEntries: {
        Description: 'Access entries that a cluster needs: GROUP=ROLE-ARN, separated by spaces',
        Value: {
          'Fn::Join': [
            ' ',
            Object.entries(KUBERNETES_GROUPS).flatMap(([group, keys]) =>
              keys.map((key) => ({ 'Fn::Join': ['=', [group, { 'Fn::GetAtt': [roleIdOf(key), 'Arn'] }]] })),
            ),
          ],
        },
      },
    },
  };
}

module.exports = {
  CALLS,
  GRANTS,
  KUBERNETES_GROUPS,
  /** For serverless.yml. */
  stack: async ({ resolveConfigurationProperty }) => {
    const scope = await resolveConfigurationProperty(['custom', 'scope']);
    const network = await resolveConfigurationProperty(['custom', 'network']);
    return resources({ ...scope, isInVpc: isInVpc(network) });
  },
};
