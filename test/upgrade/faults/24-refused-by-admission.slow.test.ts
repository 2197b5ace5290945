import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

const SHORT = { ...INPUT, drainTimeoutSeconds: 120 };
const WORDS = 'pod is running a batch';

/** One pod for which somebody decides about evictions. */
const GUARDED = {
  kind: 'Deployment',
  name: 'batch',
  namespace: 'shop',
  replicas: 1,
  labels: { app: 'batch' },
} as const;
const CONCERNED = { namespace: 'shop', matchLabels: { app: 'batch' } } as const;

const scenario = (fault: object) =>
  world({ workloads: [GUARDED], scenario: { faults: [{ ...CONCERNED, ...fault } as never] } });

const webhook = (more: object) => ({ kind: 'evictionWebhook', name: 'batch.example.com', message: WORDS, ...more });

const REFUSALS: readonly [who: string, fault: object, named: RegExp][] = [
  ...[undefined, 403, 404, 422, 429, 500].map((code): [string, object, RegExp] => [
    `a webhook with ${code ?? 'no code'}`,
    webhook({ ...(code !== undefined && { code }) }),
    /admission webhook "batch\.example\.com" denied the request: pod is running a batch/,
  ]),
  ...(['Invalid', 'Unauthorized'] as const).map((reason): [string, object, RegExp] => [
    `a policy with ${reason}`,
    { kind: 'evictionPolicy', name: 'keep', message: WORDS, reason },
    /ValidatingAdmissionPolicy 'keep' with binding 'keep' denied request: pod is running a batch/,
  ]),
];

const isRenewed = (sandbox: WatchedWorld) => sandbox.amis().every((ami) => ami === NEW_AMI);
const outdated = (sandbox: WatchedWorld) => sandbox.amis().filter((ami) => ami !== NEW_AMI).length;

describe('#24 #69 an eviction that admission refuses blocks that pod, with the words of who refuses', () => {
  for (const [who, fault, words] of REFUSALS) {
    it(`${who}: every other node is upgraded, and the pod is named`, async () => {
      const sandbox = await watchedWorld(scenario(fault));
      const ended = await sandbox.upgrade(SHORT);
      assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
      assert.match(ended.cause, words);
      assert.match(ended.cause, /pod shop\/batch-/);
      assert.doesNotMatch(ended.cause, /ClusterRole|errorMessage|trace/);
      assert.equal(outdated(sandbox), 1);
      assert.deepEqual(undrained(sandbox), []);
      await sandbox.clock.advance(180);
      assert.equal(sandbox.lockHolder(), '');
    });
  }

  for (const [who, fault] of [REFUSALS[1], REFUSALS[6]] as typeof REFUSALS) {
    it(`${who}: force deletes the pod when its time is over`, async () => {
      const sandbox = await watchedWorld(scenario(fault));
      const ended = await sandbox.upgrade({ ...SHORT, force: true });
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.ok(isRenewed(sandbox));
      assert.deepEqual(undrained(sandbox), []);
    });
  }

  for (const [what, fault, cause] of [
    ['that fails', webhook({ answer: 'fails' }), /failed calling webhook "batch\.example\.com".*connection refused/],
    ['that hangs', webhook({ answer: 'hangs' }), /failed calling webhook "batch\.example\.com".*deadline exceeded/],
  ] as const) {
    it(`a webhook ${what} blocks the pod as well, and the run says so`, async () => {
      const sandbox = await watchedWorld(scenario(fault));
      const ended = await sandbox.upgrade(SHORT);
      assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
      assert.match(ended.cause, cause);
      assert.match(ended.cause, /mend the admission webhook that these words name/);
      assert.equal(outdated(sandbox), 1);
    });
  }

  it('a webhook that changes its mind within the time of the drain costs nothing', async () => {
    const sandbox = await watchedWorld(scenario(webhook({ code: 403, untilSeconds: 600 })));
    const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 900 });
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.ok(isRenewed(sandbox));
  });
});
