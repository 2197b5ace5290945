import assert from 'node:assert/strict';
import { createDeps, type DepsOptions, preloadClients } from '../../../clients/lambda/deps.ts';
import { fakeAws, json, jsonError, queryError, xml } from '../aws/fake-aws.ts';
import { fakeTransport, NOW } from '../kubernetes/fake-kubernetes.ts';

const CLUSTER = {
  cluster: {
    name: 'prod',
    version: '1.33',
    status: 'ACTIVE',
    endpoint: 'https://eks.invalid',
    certificateAuthority: { data: 'Q0E=' },
  },
};

function setUp(answers: Parameters<typeof fakeAws>, more: Partial<DepsOptions> = {}) {
  const aws = fakeAws(...answers);
  const kubernetes = fakeTransport({ object: { gitVersion: 'v1.33.2' } });
  const connected: string[] = [];
  let now = NOW.getTime();
  const deps = createDeps({
    ...aws.config,
    clock: { now: () => new Date(now), sleep: async () => undefined },
    random: () => 0.5,
    kubernetesTransport: ({ name }) => {
      connected.push(name);
      return kubernetes.transport;
    },
    ...more,
  });
  const pass = (seconds: number) => {
    now += seconds * 1000;
  };
  return { deps, aws, kubernetes, connected, pass };
}

describe('what a step may use', () => {
  it('reaches a cluster by name, at the endpoint that EKS gives, with a token for it', async () => {
    const { deps, aws, kubernetes } = setUp([json(CLUSTER)]);
    assert.equal(await (await deps.cluster('prod')).serverVersion(), 'v1.33.2');
    assert.equal(aws.requests[0]?.path, '/clusters/prod');
    const [, token = ''] = kubernetes.asked[0]?.headers.authorization?.split('Bearer k8s-aws-v1.') ?? [];
    const url = Buffer.from(token, 'base64url').toString();
    assert.match(url, /^https:\/\/sts\.eu-west-1\.amazonaws\.com\/\?.*AKIAIOSFODNN7EXAMPLE/);
  });

  it('looks a cluster up once, and again after ten minutes', async () => {
    const { deps, aws, connected, pass } = setUp([json(CLUSTER)]);
    const [first, second] = await Promise.all([deps.cluster('prod'), deps.cluster('prod')]);
    assert.equal(first, second);
    pass(599);
    await deps.cluster('prod');
    assert.equal(aws.requests.length, 1);
    pass(1);
    await deps.cluster('prod');
    assert.equal(aws.requests.length, 2);
    assert.deepEqual(connected, ['prod', 'prod']);
  });

  it('throws ClusterNotFound for a cluster that does not exist, and looks it up again the next time', async () => {
    const { deps } = setUp([jsonError('ResourceNotFoundException', 'No cluster found', 404), json(CLUSTER)]);
    await assert.rejects(deps.cluster('prod'), {
      name: 'ClusterNotFound',
      message: /no EKS cluster prod in eu-west-1/,
    });
    assert.ok(await deps.cluster('prod'));
  });

  it('throws ClusterUnreachable for a cluster that is still being created', async () => {
    const { deps } = setUp([json({ cluster: { name: 'prod', status: 'CREATING' } })]);
    await assert.rejects(deps.cluster('prod'), {
      name: 'ClusterUnreachable',
      message: /is CREATING and has no endpoint yet/,
    });
  });

  it('repeats a throttled AWS request after the configured delay', async () => {
    const waits: number[] = [];
    const { deps, aws } = setUp([queryError('Throttling', 'Rate exceeded'), xml('UpdateAutoScalingGroup', '')], {
      maxAttempts: 3,
      retryDelayMilliseconds: (attempt) => {
        waits.push(attempt);
        return 0;
      },
    });
    await deps.autoScaling.resize('workers', { maxSize: 4 });
    assert.equal(aws.requests.length, 2);
    assert.ok(waits.every((attempt) => attempt === 2));
  });

  it('throws Throttled when every attempt was throttled', async () => {
    const options = { maxAttempts: 3, retryDelayMilliseconds: () => 0 };
    const { deps, aws } = setUp([queryError('Throttling', 'Rate exceeded')], options);
    await assert.rejects(deps.autoScaling.resize('workers', { maxSize: 4 }), { name: 'Throttled' });
    assert.equal(aws.requests.length, 3);
  });

  it('does not repeat a request that was refused', async () => {
    const options = { maxAttempts: 3, retryDelayMilliseconds: () => 0 };
    const { deps, aws } = setUp([queryError('ValidationError', 'no')], options);
    await assert.rejects(deps.autoScaling.resize('workers', { maxSize: 4 }), { name: 'InvalidInput' });
    assert.equal(aws.requests.length, 1);
  });

  it('throws ServiceUnavailable when AWS cannot be reached', async () => {
    const { deps } = setUp([Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })]);
    await assert.rejects(deps.parameters.find('/a'), { name: 'ServiceUnavailable' });
  });

  it('includes the executions of one state machine, when the function was told which', async () => {
    const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:upgrade-node';
    const told = setUp([json({ executions: [] })], { nodeStateMachineArn: machine });
    assert.deepEqual(await told.deps.nodeExecutions.listRunning(), []);
    assert.equal(told.aws.requests[0]?.json.stateMachineArn, machine);
    const { deps } = setUp([json({ executions: [] })]);
    await assert.rejects(deps.nodeExecutions.listRunning(), /UPGRADE_NODE_STATE_MACHINE_ARN is not set/);
  });

  it('can be imported in advance, so that no step waits for a file', async () => {
    await preloadClients();
    const { deps } = setUp([json(CLUSTER)]);
    assert.equal((await deps.eks.findCluster('prod'))?.status, 'ACTIVE');
  });

  it('may be awaited as a whole', async () => {
    const { deps } = setUp([json({ Parameter: { Value: 'ami-0a' } })]);
    const parameters = await deps.parameters;
    assert.equal(await parameters.find('/a'), 'ami-0a');
  });
});
