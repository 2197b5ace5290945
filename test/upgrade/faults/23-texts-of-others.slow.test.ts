import assert from 'node:assert/strict';
import type { Execution } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

/** What a state may have; ours take half of it at most. */
const LIMIT_BYTES = 262_144;

const NODES = 30;
const MANY = { ...INPUT, updateConfig: { maxUnavailable: NODES }, drainTimeoutSeconds: 60 };
const LONG = 'm"\u202e\n'.repeat(5_000);

const SPREAD = { kind: 'Deployment', name: 'g', namespace: 'shop', replicas: NODES, spread: 'host' } as const;
const many = (faults: object[]) =>
  world({
    group: { minSize: 3, maxSize: 3 * NODES, desiredCapacity: NODES },
    workloads: [SPREAD],
    scenario: { faults: faults as never },
  });

const executionsOf = ({ stepFunctions }: WatchedWorld): Execution[] =>
  stepFunctions.machines.flatMap((machine) => [...stepFunctions.executionsOf(machine)]);

/** Bytes of the longest input or output in the histories. */
function longestState(sandbox: WatchedWorld): number {
  const texts = executionsOf(sandbox).flatMap(({ history }) =>
    history.all().flatMap((event) =>
      Object.values(event).flatMap((details) => {
        const { input, output } = (details ?? {}) as { input?: unknown; output?: unknown };
        return [input, output].filter((text): text is string => typeof text === 'string');
      }),
    ),
  );
  return Math.max(...texts.map((text) => Buffer.byteLength(text)));
}

async function assertTidied(sandbox: WatchedWorld, ended: { error: string | undefined; cause: string }): Promise<void> {
  assert.ok(longestState(sandbox) < LIMIT_BYTES / 2, `${longestState(sandbox)} bytes`);
  for (const { error = '' } of executionsOf(sandbox)) assert.doesNotMatch(error, /DataLimitExceeded|Runtime/);
  assert.doesNotMatch(ended.cause, /[\u202e\n]|errorMessage|trace/);
  await sandbox.clock.advance(600);
  assert.equal(sandbox.lockHolder(), '');
  assert.equal(sandbox.tainted().length, 0);
}

describe('#23 #55 texts of others, however long and however many, end no run and strand no node', () => {
  it('a cancel text of 20,000 characters', async () => {
    const sandbox = await watchedWorld(many([]));
    const execution = sandbox.start(MANY);
    await sandbox.when(() => sandbox.lease() !== undefined);
    await sandbox.clock.advance(60);
    sandbox.order('cancel', LONG);
    const ended = await sandbox.end(execution);
    assert.equal(ended.error, 'UpgradeCancelled', `${ended.status} ${ended.cause}`);
    await assertTidied(sandbox, ended);
  });

  it('a webhook that refuses every eviction with 20,000 characters', async () => {
    const sandbox = await watchedWorld(
      many([{ kind: 'evictionWebhook', name: 'x', code: 403, message: LONG, namespace: 'shop' }]),
    );
    const ended = await sandbox.upgrade(MANY);
    assert.equal(ended.error, 'PodEvictionFailure', `${ended.status} ${ended.cause}`);
    await assertTidied(sandbox, ended);
  });

  it('an outage that ends every node execution with an error', async () => {
    const sandbox = await watchedWorld(
      many([
        {
          kind: 'fail',
          action: 'TerminateInstanceInAutoScalingGroup',
          error: 'ValidationError',
          message: LONG,
          times: 9999,
        },
      ]),
    );
    const ended = await sandbox.upgrade({ ...MANY, drainTimeoutSeconds: 900 });
    assert.equal(ended.error, 'NodeTerminationFailure', `${ended.status} ${ended.cause}`);
    await assertTidied(sandbox, ended);
  });

  it('an input of 200 KB in which every key is unknown', async () => {
    const sandbox = await watchedWorld();
    const wrong = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`unknown-key-${index}`, LONG.slice(0, 30)]),
    );
    const ended = await sandbox.upgrade({ ...INPUT, ...wrong });
    assert.equal(ended.error, 'InvalidInput', `${ended.status} ${ended.cause}`);
    assert.match(ended.cause, /unknown-key-0/);
    assert.doesNotMatch(ended.cause, /errorMessage|trace/);
    const again = await sandbox.upgrade();
    assert.equal(again.status, 'SUCCEEDED', again.cause);
    assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  });
});
