import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import validate from 'asl-validator';
import { CALLS, KUBERNETES_GROUPS } from '../../iam/roles.cjs';
import { functionFiles } from '../../tooling/function-files.ts';
import { type Bundle, bundleFunctions, MAX_BUNDLE_BYTES } from '../../tooling/lambda-bundles.ts';
import { pack, run } from './packed.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a CloudFormation resource
  readonly Properties: Record<string, any>;
}
interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { Value: unknown }>>;
}

/** From one call of the janitor by its schedule to the next. */
const JANITOR_SECONDS = 300;

/** Actions that AWS does not let anyone narrow to a resource, with the reason each is needed. */
const UNNARROWED: Readonly<Record<string, string>> = {
  'autoscaling:DescribeAutoScalingGroups': 'Describe actions of Auto Scaling take no resource',
  'autoscaling:DescribeAutoScalingInstances': 'Describe actions of Auto Scaling take no resource',
  'autoscaling:DescribeInstanceRefreshes': 'Describe actions of Auto Scaling take no resource',
  'autoscaling:DescribeLifecycleHooks': 'Describe actions of Auto Scaling take no resource',
  'autoscaling:DescribeScalingActivities': 'Describe actions of Auto Scaling take no resource',
  'cloudwatch:DescribeAlarms': 'composite alarms are shown only to a permission on *',
  'ec2:DescribeImages': 'Describe actions of EC2 take no resource',
  'ec2:DescribeInstances': 'Describe actions of EC2 take no resource',
  'ec2:DescribeLaunchTemplateVersions': 'Describe actions of EC2 take no resource',
  'xray:PutTelemetryRecords': 'X-Ray takes no resource',
  'xray:PutTraceSegments': 'X-Ray takes no resource',
  'xray:GetSamplingRules': 'X-Ray takes no resource',
  'xray:GetSamplingTargets': 'X-Ray takes no resource',
  'logs:CreateLogDelivery': 'log deliveries take no resource',
  'logs:DeleteLogDelivery': 'log deliveries take no resource',
  'logs:DescribeLogGroups': 'log deliveries take no resource',
  'logs:DescribeResourcePolicies': 'log deliveries take no resource',
  'logs:GetLogDelivery': 'log deliveries take no resource',
  'logs:ListLogDeliveries': 'log deliveries take no resource',
  'logs:PutResourcePolicy': 'log deliveries take no resource',
  'logs:UpdateLogDelivery': 'log deliveries take no resource',
};

const files = functionFiles();
const bundleUrl = (name: string) => pathToFileURL(resolve('dist/lambda', `${name}.mjs`)).href;
const functionKeys = files.map(({ key }) => key).sort();
const stepKeys = files.filter(({ isStep }) => isStep).map(({ key }) => key);
const pascal = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every string of a value with the Fn::Sub it stands in, if any. */
function* strings(
  value: unknown,
  variables?: readonly string[],
): Generator<{ text: string; variables?: readonly string[] }> {
  if (typeof value === 'string') yield variables === undefined ? { text: value } : { text: value, variables };
  else if (Array.isArray(value)) for (const item of value) yield* strings(item, variables);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key !== 'Fn::Sub') yield* strings(inner, variables);
      else if (typeof inner === 'string') yield { text: inner, variables: [] };
      else {
        const [text, given] = inner as [string, Record<string, unknown>];
        yield { text, variables: Object.keys(given) };
        yield* strings(Object.values(given));
      }
    }
  }
}

describe('the packaged stack', () => {
  let bundles: Bundle[];
  let template: Template;
  let definitions: Record<string, unknown>[];

  const ofType = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
  const MACHINES = {
    UpgradeNodegroup: 'upgrade-nodegroup',
    UpgradeNode: 'upgrade-node',
    UpgradeCluster: 'upgrade-cluster',
  };
  const machine = (id: string): Resource => template.Resources[id] as Resource;
  const functionsIn = (definition: unknown): string[] => {
    const names: string[] = [];
    JSON.stringify(definition, (key, value) => {
      const name = key === 'Resource' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
      if (name !== undefined) names.push(name);
      return value;
    });
    return [...new Set(names)].sort();
  };
  const statementsOf = (role: Resource): Statement[] =>
    role.Properties.Policies.flatMap(
      (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
    );

  before(async () => {
    const { folder } = await pack();
    bundles = await bundleFunctions(join(folder, 'lambda'));
    template = JSON.parse(readFileSync('.serverless/cloudformation-template-update-stack.json', 'utf8'));
    definitions = Object.keys(MACHINES).map((id) => JSON.parse(machine(id).Properties.DefinitionString['Fn::Sub'][0]));
  });

  it('bundles every function, none larger than 2 MB', () => {
    assert.deepEqual(bundles.map(({ name }) => name).sort(), files.map(({ name }) => name).sort());
    for (const { name, bytes } of bundles) assert.ok(bytes <= MAX_BUNDLE_BYTES, `${name} has ${bytes} bytes`);
  });

  it('leaves nothing unresolved for CloudFormation to choke on', () => {
    for (const { text, variables } of strings(template)) {
      for (const [placeholder, name = ''] of text.matchAll(/\$\{([^}]*)\}/g)) {
        const isKnown = name.startsWith('AWS::') || variables?.includes(name) || name in template.Resources;
        assert.ok(variables !== undefined && isKnown, `${placeholder} is not resolved in: ${text.slice(0, 200)}`);
      }
    }
  });

  it('gives every function its own role, named after it', () => {
    const functions = ofType('AWS::Lambda::Function');
    assert.deepEqual(
      functions.map(([id]) => id).sort(),
      functionKeys.map((key) => `${pascal(key)}LambdaFunction`).sort(),
    );
    for (const [id, { Properties }] of functions) {
      assert.deepEqual(Properties.Role, { 'Fn::GetAtt': [id.replace('LambdaFunction', 'Role'), 'Arn'] }, id);
    }
  });

  it('runs every function on Node 24 on arm64, with a name of its own and traces', () => {
    for (const [id, { Properties }] of ofType('AWS::Lambda::Function')) {
      assert.equal(Properties.Runtime, 'nodejs24.x', id);
      assert.deepEqual(Properties.Architectures, ['arm64'], id);
      assert.match(Properties.FunctionName, /^eks-nodegroup-upgrade-dev-\w+$/, id);
      assert.deepEqual(Properties.TracingConfig, { Mode: 'Active' }, id);
    }
  });

  it('lets no function outlive the Task that waits for it', () => {
    const tasks = new Map<string, number>();
    const visit = (states: Record<string, Record<string, unknown>>) => {
      for (const [name, state] of Object.entries(states)) {
        if (state.Type === 'Task') tasks.set(name, state.TimeoutSeconds as number);
        const processor = state.ItemProcessor as { States: Record<string, Record<string, unknown>> } | undefined;
        if (processor !== undefined) visit(processor.States);
      }
    };
    for (const { States } of definitions) visit(States as Record<string, Record<string, unknown>>);
    for (const [id, { Properties }] of ofType('AWS::Lambda::Function')) {
      // What is no Task must end before the schedule calls it again.
      const isStep = stepKeys.some((key) => id === `${pascal(key)}LambdaFunction`);
      const limit = isStep ? (tasks.get(id.replace('LambdaFunction', '')) ?? 0) : JANITOR_SECONDS;
      assert.ok(Properties.Timeout < limit, `${id}: ${Properties.Timeout} s, but its Task gives up after ${limit} s`);
    }
  });

  it('grants no role everything, and on everything only what AWS does not let anyone narrow', () => {
    for (const [id, role] of ofType('AWS::IAM::Role')) {
      for (const { Effect, Action, Resource } of statementsOf(role)) {
        assert.equal(
          Effect,
          'Allow',
          `${id} denies ${JSON.stringify(Action)}: the plugin does that when it understands nothing`,
        );
        for (const action of list(Action) as string[]) {
          assert.doesNotMatch(action, /\*/, `${id}: name the actions`);
          if (list(Resource).includes('*'))
            assert.ok(action in UNNARROWED, `${id}: ${action} on * needs a reason in UNNARROWED`);
        }
      }
    }
  });

  it('lets only the named services assume the roles', () => {
    const services = ofType('AWS::IAM::Role').map(
      ([, { Properties }]) => Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service,
    );
    assert.deepEqual([...new Set(services)].sort(), [
      'lambda.amazonaws.com',
      'scheduler.amazonaws.com',
      'states.amazonaws.com',
    ]);
  });

  const granted = (roleId: string, action: string) =>
    statementsOf(template.Resources[roleId] as Resource).flatMap(({ Action, Resource }) =>
      list(Action).includes(action) ? list(Resource) : [],
    );
  const own = (service: string, kind: string) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${kind}`,
  });
  const NODEGROUP_MACHINE = 'eks-nodegroup-upgrade-dev-upgrade-nodegroup';
  const NODE_MACHINE = 'eks-nodegroup-upgrade-dev-upgrade-node';

  for (const [index, id] of Object.keys(MACHINES).entries()) {
    it(`lets ${id} invoke exactly its own functions`, () => {
      const invoked = granted(`${id}StateMachineRole`, 'lambda:InvokeFunction').map(
        (arn) => (arn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0],
      );
      const variables = machine(id).Properties.DefinitionString['Fn::Sub'][1];
      const called = functionsIn(definitions[index]).flatMap((name) => variables[name]['Fn::GetAtt']?.[0] ?? []);
      assert.deepEqual(invoked.sort(), called.sort());
    });
  }

  for (const id of ['UpgradeNodegroup', 'UpgradeCluster']) {
    it(`lets ${id} run executions of groups and hear of their ends, and nothing else`, () => {
      const role = `${id}StateMachineRole`;
      assert.deepEqual(granted(role, 'states:StartExecution'), [own('states', `stateMachine:${NODEGROUP_MACHINE}`)]);
      const executions = [own('states', `execution:${NODEGROUP_MACHINE}:*`)];
      assert.deepEqual(granted(role, 'states:StopExecution'), executions);
      assert.deepEqual(granted(role, 'states:DescribeExecution'), executions);
      const rule = [own('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule')];
      for (const action of ['events:PutTargets', 'events:PutRule', 'events:DescribeRule']) {
        assert.deepEqual(granted(role, action), rule, action);
      }
    });
  }

  it('lets nobody but the conductor start the machine of a node, which terminates instances', () => {
    const arn = own('states', `stateMachine:${NODE_MACHINE}`);
    const starters = ofType('AWS::IAM::Role')
      .map(([id]) => id)
      .filter((id) => granted(id, 'states:StartExecution').some((resource) => isDeepStrictEqual(resource, arn)));
    assert.deepEqual(starters, ['UpgradeNodesRole']);
    for (const action of ['states:StartExecution', 'states:StopExecution', 'states:DescribeExecution']) {
      assert.deepEqual(granted('UpgradeNodeStateMachineRole', action), [], action);
    }
  });

  it('lets only the end of a node, and the recovery, terminate instances', () => {
    const terminators = ofType('AWS::IAM::Role')
      .map(([id]) => id)
      .filter((id) => granted(id, 'autoscaling:TerminateInstanceInAutoScalingGroup').length > 0);
    assert.deepEqual(terminators.sort(), ['RecoverFromFailureRole', 'TerminateInstanceRole']);
  });

  it('tells those who follow node executions which machine that is', () => {
    const told = ofType('AWS::Lambda::Function').flatMap(([id, { Properties }]) =>
      Properties.Environment === undefined ? [] : [[id, Properties.Environment.Variables] as const],
    );
    const followers = Object.keys(CALLS).filter((key) =>
      CALLS[key]?.some((call) => call.startsWith('nodeExecutions.')),
    );
    assert.deepEqual(told.map(([id]) => id).sort(), followers.map((key) => `${pascal(key)}LambdaFunction`).sort());
    for (const [id, variables] of told) {
      assert.deepEqual(variables, { UPGRADE_NODE_STATE_MACHINE_ARN: { Ref: 'UpgradeNode' } }, id);
    }
  });

  it('calls the janitor when a run of a group has ended without success, and every five minutes', () => {
    const rules = ofType('AWS::Events::Rule').map(([, { Properties }]) => Properties);
    assert.deepEqual(
      rules.map(({ EventPattern, ScheduleExpression }) => EventPattern ?? ScheduleExpression),
      [
        {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: { stateMachineArn: [{ Ref: 'UpgradeNodegroup' }], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
        },
        'rate(5 minutes)',
      ],
    );
    for (const { State, Targets } of rules) {
      assert.equal(State, 'ENABLED');
      assert.deepEqual(
        Targets.map(({ Arn }: { Arn: object }) => Arn),
        [{ 'Fn::GetAtt': ['CleanUpEndedRunsLambdaFunction', 'Arn'] }],
      );
    }
  });

  it('reserves no concurrency for the conductor until somebody says how much', () =>
    assert.equal(template.Resources.UpgradeNodesLambdaFunction?.Properties.ReservedConcurrentExecutions, undefined));

  for (const [id, name] of Object.entries(MACHINES)) {
    it(`names ${id}, keeps its log and traces it`, () => {
      const { Properties } = machine(id);
      assert.equal(Properties.StateMachineName, `eks-nodegroup-upgrade-dev-${name}`);
      assert.equal(Properties.StateMachineType, 'STANDARD');
      assert.deepEqual(Properties.TracingConfiguration, { Enabled: true });
      assert.equal(
        template.Resources[`${id}LogGroup`]?.Properties.LogGroupName,
        `/aws/vendedlogs/states/eks-nodegroup-upgrade-dev-${name}`,
      );
    });
  }

  it('keeps no log for ever', () => {
    for (const [id, { Properties: log }] of ofType('AWS::Logs::LogGroup'))
      assert.ok(log.RetentionInDays > 0, `${id} is kept for ever`);
  });

  it('points every Task at a function or a service by an intrinsic, never by a literal ARN', () => {
    const targets = Object.keys(MACHINES).flatMap((id, index) => {
      const variables = machine(id).Properties.DefinitionString['Fn::Sub'][1];
      const resources: string[] = [];
      JSON.stringify(definitions[index], (key, value) => {
        if (key === 'Resource') resources.push(value);
        return value;
      });
      return resources.map((value) => {
        const name = /^\$\{(\w+)\}$/.exec(value)?.[1] ?? '';
        assert.ok(name in variables, `${value} is not a variable of Fn::Sub`);
        return variables[name]['Fn::GetAtt']?.[0] ?? variables[name]['Fn::Sub'];
      });
    });
    assert.deepEqual([...new Set(targets)].sort(), [
      ...stepKeys.map((key) => `${pascal(key)}LambdaFunction`).sort(),
      'arn:${AWS::Partition}:states:::states:startExecution.sync:2',
    ]);
  });

  it('tells the machine of a cluster the ARN of that of a group by an intrinsic', () => {
    const [text, variables] = machine('UpgradeCluster').Properties.DefinitionString['Fn::Sub'];
    const [, name = ''] = /"StateMachineArn":\s*"\$\{(\w+)\}"/.exec(text) ?? [];
    assert.deepEqual(variables[name], { Ref: 'UpgradeNodegroup' });
  });

  it('carries definitions that the validator of the States Language accepts', () => {
    for (const definition of definitions) {
      const result = validate(structuredClone(definition));
      assert.ok(result.isValid, result.errorsText('\n'));
    }
  });

  it('keeps the schedules off until somebody turns them on', () => {
    const states = ofType('AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties.State);
    assert.deepEqual(states, ['DISABLED', 'DISABLED']);
  });

  it('lists the access entries that a cluster needs, each a Kubernetes group and a role', () => {
    type Entry = { 'Fn::Join': [string, [string, { 'Fn::GetAtt': [string, string] }]] };
    const value = template.Outputs.KubernetesAccessEntries?.Value as { 'Fn::Join': [string, Entry[]] } | undefined;
    const [separator, entries] = value?.['Fn::Join'] ?? ['', []];
    assert.equal(separator, ' ');
    assert.deepEqual(
      entries.map(({ 'Fn::Join': [sign, [group, role]] }) => [group, sign, role['Fn::GetAtt'].join('.')].join(' ')),
      Object.entries(KUBERNETES_GROUPS).flatMap(([group, keys]) =>
        keys.map((key) => `${group} = ${pascal(key)}Role.Arn`),
      ),
    );
  });

  it('refuses an input of another shape by name in every step, minified as it is', async () => {
    const urls = files.filter(({ isStep }) => isStep).map(({ name }) => bundleUrl(name));
    // In a process of its own, as on Lambda: nothing is there but the bundle and a region.
    const script = `
      const names = {};
      for (const url of ${JSON.stringify(urls)}) {
        const { handler } = await import(url);
        names[url] = await handler({ isUnknown: true }).then(() => 'nothing', ({ name }) => name);
      }
      console.log(JSON.stringify(names));`;
    const env = { AWS_REGION: 'us-east-1' };
    const argv = ['--input-type=module', '--eval', script];
    const { stdout, stderr } = await run(process.execPath, argv, { cwd: '.', env });
    assert.notEqual(stdout, '', stderr);
    const names = JSON.parse(stdout.trim().split('\n').at(-1) as string);
    assert.deepEqual(names, Object.fromEntries(urls.map((url) => [url, 'InvalidInput'])));
  });
});
