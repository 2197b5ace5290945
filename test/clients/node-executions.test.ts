import assert from 'node:assert/strict';
import { createSandbox, WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { attendedPort, createVirtualClock } from 'eks-sandbox/clock';
import { scenarioSchema } from 'eks-sandbox/scenario';
import { kubernetesTransport, type RequestHandler, sdkRequestHandler } from 'eks-sandbox/server';
import { toPayload } from 'eks-sandbox/step-functions';
import { createDeps } from '../../clients/lambda/deps.ts';
import type { Deps } from '../../clients/ports.ts';

const LABEL = 'example.com/in-hand';
const REASON = { error: 'UpgradeCancelled', cause: 'cancelled by an operator' };

const SCENARIO = scenarioSchema.parse({
  clusters: [
    {
      name: 'demo',
      groups: [
        {
          name: 'workers',
          zones: ['eu-west-1a'],
          minSize: 1,
          maxSize: 3,
          desiredCapacity: 2,
          amiId: 'ami-0aaaaaaaaaaaaaaa1',
        },
      ],
    },
  ],
  images: [
    { id: 'ami-0aaaaaaaaaaaaaaa1', name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251120', isRecommended: true },
  ],
});

const RBAC = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: nodes }
rules: [{ apiGroups: [''], resources: [nodes], verbs: [get, list, watch, patch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: nodes }
subjects: [{ kind: Group, name: eks-nodegroup-upgrade-conductor, apiGroup: rbac.authorization.k8s.io }]
roleRef: { kind: ClusterRole, name: nodes, apiGroup: rbac.authorization.k8s.io }
`;

const task = (key: string, next: object) => ({ Type: 'Task', Resource: { 'Fn::GetAtt': [key, 'Arn'] }, ...next });
const ONE_TASK = { StartAt: 'Conduct', States: { Conduct: task('conduct', { End: true }) } };
/** Labels a node after half a minute, and ends a minute later. */
const NODE_MACHINE = {
  StartAt: 'First',
  States: {
    First: { Type: 'Wait', Seconds: 30, Next: 'Mark' },
    Mark: task('mark', { ResultPath: '$.marked', Next: 'Second' }),
    Second: { Type: 'Wait', Seconds: 60, End: true },
  },
};

type Function = (deps: Deps, elapsed: () => number) => Promise<unknown>;

/** A region with two state machines: one calls a function `conduct`, whose ports reach the executions of the other. */
function createTwoMachines(conduct: Function) {
  const clock = createVirtualClock(Date.parse(SCENARIO.startsAt));
  const startedAt = clock.now();
  const elapsed = () => (clock.now() - startedAt) / 1000;
  const mark: Function = async ({ cluster }) => {
    const demo = await cluster('demo');
    const [node] = await demo.listNodes();
    return node && demo.patchNode(node.name, { labels: { [LABEL]: 'yes' } });
  };
  const functions: Readonly<Record<string, Function>> = { conduct, mark };
  const sandbox = createSandbox({
    scenario: SCENARIO,
    clock,
    definitions: [
      { name: 'conductor', definition: ONE_TASK },
      { name: 'node', definition: NODE_MACHINE },
    ],
    invokeFunction: async (key) => functions[key]?.(deps, elapsed),
    rbac: RBAC,
  });
  const [conductor, node] = sandbox.stepFunctions.machines;
  assert.ok(conductor && node);
  const connected = createDeps({
    region: SCENARIO.region,
    credentials: WORKFLOW_CREDENTIALS,
    endpoint: 'http://aws.invalid',
    clock: { now: () => new Date(clock.now()), sleep: clock.sleep },
    random: () => 0.5,
    requestHandler: sdkRequestHandler(sandbox.aws),
    kubernetesTransport: ({ name }) => kubernetesTransport(sandbox.kubernetes.get(name) as RequestHandler, clock),
    maxAttempts: 1,
    nodeStateMachineArn: node.arn,
  });
  const deps: Deps = { ...connected, nodeExecutions: attendedPort(connected.nodeExecutions, clock) };
  const run = async () => {
    const execution = sandbox.stepFunctions.start(conductor, toPayload({}), 'run');
    await clock.runUntil(() => execution.status !== 'RUNNING', 3600);
    assert.equal(execution.status, 'SUCCEEDED', execution.cause);
    return execution.output?.value;
  };
  return { clock, run, deps, elapsed };
}

describe('a function that starts executions of another state machine', () => {
  it('watches nodes for four minutes while they run their states, and time passes for both', async () => {
    const world = createTwoMachines(async ({ cluster, nodeExecutions }, elapsed) => {
      const demo = await cluster('demo');
      assert.equal(await nodeExecutions.start('node-1', '{"a":1}'), 'started');
      const { resourceVersion } = await demo.listNodesToWatch();
      const first = await demo.watchNodes({ label: LABEL, resourceVersion, timeoutSeconds: 240 });
      const markedAt = elapsed();
      const during = (await nodeExecutions.describe('node-1'))?.status;
      const label = 'example.com/nobody-has-it';
      await demo.watchNodes({ label, resourceVersion: first.resourceVersion ?? '', timeoutSeconds: 240 });
      const after = await nodeExecutions.describe('node-1');
      return { changed: first.changed.length, markedAt, during, after, endedAt: elapsed() };
    });
    assert.deepEqual(await world.run(), {
      changed: 1,
      markedAt: 30,
      during: 'RUNNING',
      after: {
        status: 'SUCCEEDED',
        input: '{"a":1}',
        output: (await world.deps.nodeExecutions.describe('node-1'))?.output,
        startedAt: new Date(Date.parse(SCENARIO.startsAt)).toISOString(),
        stoppedAt: new Date(Date.parse(SCENARIO.startsAt) + 90_000).toISOString(),
      },
      endedAt: 270,
    });
  });

  it('looks at an execution every 15 seconds while it holds a watch', async () => {
    const { run } = createTwoMachines(async ({ cluster, nodeExecutions, clock }, elapsed) => {
      const demo = await cluster('demo');
      await nodeExecutions.start('node-1', '{}');
      const { resourceVersion } = await demo.listNodesToWatch();
      const seen: string[] = [];
      const look = async () => {
        for (let times = 1; times <= 7; times += 1) {
          await clock.sleep(15);
          seen.push(`${elapsed()} ${(await nodeExecutions.describe('node-1'))?.status}`);
        }
      };
      const label = 'example.com/nobody-has-it';
      await Promise.all([look(), demo.watchNodes({ label, resourceVersion, timeoutSeconds: 240 })]);
      return { seen, endedAt: elapsed() };
    });
    assert.deepEqual(await run(), {
      seen: ['15', '30', '45', '60', '75'].map((at) => `${at} RUNNING`).concat('90 SUCCEEDED', '105 SUCCEEDED'),
      endedAt: 240,
    });
  });

  it('joins one of that name and input that runs, and starts no second one under a name that is taken', async () => {
    const { deps, clock } = createTwoMachines(async () => undefined);
    const { nodeExecutions } = deps;
    assert.equal(await nodeExecutions.start('node-1', '{"a":1}'), 'started');
    assert.equal(await nodeExecutions.start('node-1', '{"a":1}'), 'started');
    assert.equal(await nodeExecutions.start('node-1', '{"a": 1}'), 'taken');
    await clock.advance(120);
    assert.equal(await nodeExecutions.start('node-1', '{"a":1}'), 'taken');
    assert.equal(await nodeExecutions.start('node-1-2', '{"a":1}'), 'started');
  });

  it('lists those that run, and stops them with the reason', async () => {
    const { deps, clock } = createTwoMachines(async () => undefined);
    const { nodeExecutions } = deps;
    assert.deepEqual(await nodeExecutions.listRunning(), []);
    for (const name of ['node-1', 'node-2', 'node-3']) await nodeExecutions.start(name, '{}');
    await nodeExecutions.stop('node-2', REASON);
    await nodeExecutions.stop('node-2', { error: 'Again', cause: 'twice' });
    await nodeExecutions.stop('nobody', REASON);
    assert.deepEqual((await nodeExecutions.listRunning()).sort(), ['node-1', 'node-3']);
    const { status, error, cause } = (await nodeExecutions.describe('node-2')) ?? {};
    assert.deepEqual({ status, error, cause }, { status: 'ABORTED', ...REASON });
    assert.equal(await nodeExecutions.describe('nobody'), undefined);
    await clock.advance(120);
    assert.deepEqual(await nodeExecutions.listRunning(), []);
  });
});
