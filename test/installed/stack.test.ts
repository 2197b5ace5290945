import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import validate from 'asl-validator';
import { CALLS } from '../../iam/roles.cjs';
import { type Bundle, bundleFunctions, MAX_BUNDLE_BYTES } from '../../tooling/lambda-bundles.ts';
import { functionFiles, functionKeyOf } from '../support/function-files.ts';
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

/** Actions that AWS does not let anyone narrow to a resource, with the reason each is needed. */
const UNNARROWED: Readonly<Record<string, string>> = {
  'autoscaling:DescribeAutoScalingGroups': 'Describe actions of Auto Scaling take no resource',
  'autoscaling:DescribeInstanceRefreshes': 'Describe actions of Auto Scaling take no resource',
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
const bundleUrl = (file: string) => pathToFileURL(resolve('dist/lambda', file.replace('.ts', '.mjs'))).href;
const functionKeys = files.map(functionKeyOf).sort();
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
  const MACHINES = { UpgradeNodegroup: 'upgrade-nodegroup', UpgradeCluster: 'upgrade-cluster' };
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
    assert.deepEqual(bundles.map(({ name }) => functionKeyOf(name)).sort(), functionKeys);
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
      const limit = tasks.get(id.replace('LambdaFunction', '')) ?? 0;
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

  it('lets the machine of a group start and stop exactly its own executions', () => {
    const role = 'UpgradeNodegroupStateMachineRole';
    assert.deepEqual(granted(role, 'states:StartExecution'), [own('states', `stateMachine:${NODEGROUP_MACHINE}`)]);
    const executions = [
      own('states', `execution:${NODEGROUP_MACHINE}:*`),
      own('states', `execution:${NODEGROUP_MACHINE}/*:*`),
    ];
    assert.deepEqual(granted(role, 'states:StopExecution'), executions);
    assert.deepEqual(granted(role, 'states:DescribeExecution'), executions);
  });

  it('lets the machine of a cluster run executions of groups and hear of their ends, and nothing else', () => {
    const role = 'UpgradeClusterStateMachineRole';
    assert.deepEqual(granted(role, 'states:StartExecution'), [own('states', `stateMachine:${NODEGROUP_MACHINE}`)]);
    const executions = [own('states', `execution:${NODEGROUP_MACHINE}:*`)];
    assert.deepEqual(granted(role, 'states:StopExecution'), executions);
    assert.deepEqual(granted(role, 'states:DescribeExecution'), executions);
    const rule = [own('events', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule')];
    for (const action of ['events:PutTargets', 'events:PutRule', 'events:DescribeRule']) {
      assert.deepEqual(granted(role, action), rule, action);
    }
  });

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
      ...functionKeys.map((key) => `${pascal(key)}LambdaFunction`).sort(),
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

  it('lists the roles that need access to the cluster', () => {
    const join = template.Outputs.KubernetesRoleArns?.Value as { 'Fn::Join': [string, { 'Fn::GetAtt': [string] }[]] };
    const [, arns] = join['Fn::Join'];
    const expected = Object.keys(CALLS).filter((key) => CALLS[key]?.includes('cluster'));
    assert.deepEqual(
      arns.map((arn) => arn['Fn::GetAtt'][0]).sort(),
      expected.map((key) => `${pascal(key)}Role`).sort(),
    );
  });

  it('refuses an input of another shape by name, minified as it is', async () => {
    // In a process of its own, as on Lambda: nothing is there but the bundle and a region.
    const script = `
      const names = {};
      for (const url of ${JSON.stringify(files.map(bundleUrl))}) {
        const { handler } = await import(url);
        names[url] = await handler({ isUnknown: true }).then(() => 'nothing', ({ name }) => name);
      }
      console.log(JSON.stringify(names));`;
    const env = { AWS_REGION: 'us-east-1' };
    const argv = ['--input-type=module', '--eval', script];
    const { stdout, stderr } = await run(process.execPath, argv, { cwd: '.', env });
    assert.notEqual(stdout, '', stderr);
    const names = JSON.parse(stdout.trim().split('\n').at(-1) as string);
    assert.deepEqual(names, Object.fromEntries(files.map((file) => [bundleUrl(file), 'InvalidInput'])));
  });
});
