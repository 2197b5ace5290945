import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, watchedWorld } from './watched-world.ts';

const PODS_ON_A_NODE = 52;
const MANY = {
  kind: 'Deployment',
  name: 'many',
  namespace: 'shop',
  replicas: 3 * PODS_ON_A_NODE,
  spread: 'host',
  cpu: '2m',
  memory: '8Mi',
} as const;

describe('#30 evictions are settled one by one, however slow a webhook is', () => {
  for (const [what, timeoutSeconds] of [
    ['as long as the API server lets it', 30],
    ['10 s', 10],
  ] as const) {
    it(`52 pods a node and a webhook that takes ${what} to fail, for five minutes: no step is lost, every node is drained`, async () => {
      const sandbox = await watchedWorld(
        world({
          group: { desiredCapacity: 3 },
          workloads: [MANY],
          scenario: {
            faults: [
              {
                kind: 'evictionWebhook',
                name: 'slow',
                namespace: 'shop',
                answer: 'hangs',
                timeoutSeconds,
                untilSeconds: 420,
              },
            ],
          },
        }),
      );
      const ended = await sandbox.upgrade(INPUT);
      assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
      assert.deepEqual(undrained(sandbox), []);
      const machine = sandbox.stepFunctions.machines.find(({ name }) => name.endsWith('upgrade-node'));
      const histories = machine === undefined ? [] : sandbox.stepFunctions.executionsOf(machine);
      const types = histories.flatMap(({ history }) => history.all().map(({ type }) => type));
      assert.ok(types.includes('LambdaFunctionSucceeded'));
      assert.ok(!types.includes('LambdaFunctionTimedOut') && !types.includes('LambdaFunctionFailed'));
    });
  }
});
