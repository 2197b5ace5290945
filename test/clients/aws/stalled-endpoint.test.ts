import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { AWS_TIMEOUTS, createDeps } from '../../../clients/lambda/deps.ts';
import type { Deps } from '../../../clients/ports.ts';
import { ServiceUnavailable } from '../../../domain/errors.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:upgrade-node';
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:tuesday';

/** One call of each client. */
const CALLS: readonly [client: string, call: (deps: Deps) => Promise<unknown>][] = [
  ['Auto Scaling', ({ autoScaling }) => autoScaling.findGroup('workers')],
  ['EC2', ({ ec2 }) => ec2.listInstances('workers')],
  ['EKS', ({ eks }) => eks.findCluster('shop')],
  ['SSM', ({ parameters }) => parameters.find('/aws/service/eks')],
  ['CloudWatch', ({ alarms }) => alarms.states(['errors'])],
  ['Step Functions', ({ executions }) => executions.isRunning(EXECUTION)],
  ['Step Functions, of nodes', ({ nodeExecutions }) => nodeExecutions.describe('workers-i-0-1-c0ffee00')],
];

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"Auto';

describe('#50 an AWS endpoint that stalls is given up before Lambda gives up the function', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Accept connections, say what is given, and nothing more. */
  async function stalledServer(says: string): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(says));
      socket.unref();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    return `http://127.0.0.1:${address.port}`;
  }

  const depsFor = (endpoint: string, wait: keyof typeof AWS_TIMEOUTS): Deps =>
    createDeps({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
      endpoint,
      clock: { now: () => new Date(), sleep: async () => {} },
      random: () => 0,
      maxAttempts: 1,
      nodeStateMachineArn: MACHINE,
      // As in Lambda, but for the length of one wait.
      requestHandler: { ...AWS_TIMEOUTS, [wait]: 20 },
    });

  for (const [client, call] of CALLS) {
    for (const [title, says, wait] of [
      ['does not answer', '', 'requestTimeout'],
      ['stops in the middle of an answer', HEAD, 'socketTimeout'],
    ] as const) {
      it(`${client}: one that ${title} is ServiceUnavailable, which is retried`, async () => {
        const deps = depsFor(await stalledServer(says), wait);
        await assert.rejects(call(deps), (thrown) => {
          assert.ok(thrown instanceof ServiceUnavailable, String(thrown));
          return true;
        });
      });
    }
  }

  it('waits long enough for a slow answer, and leaves time for another attempt within a step', () => {
    const { requestTimeout, socketTimeout, connectionTimeout } = AWS_TIMEOUTS;
    assert.ok(requestTimeout >= 5_000 && socketTimeout >= 5_000);
    assert.ok(3 * (connectionTimeout + requestTimeout) <= 40_000);
  });
});
