import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, type WatchedWorld, watchedWorld } from './watched-world.ts';

type Scenario = NonNullable<Parameters<typeof world>[0]>['scenario'];
type Fault = NonNullable<NonNullable<Scenario>['faults']>[number];

const faulty = (...faults: Fault[]) => world({ scenario: { faults } });

function assertUpgraded(sandbox: WatchedWorld, ended: { status: string; error: string | undefined; cause: string }) {
  assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`);
  assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
  assert.deepEqual(undrained(sandbox), []);
  assert.equal(sandbox.lockHolder(), '');
}

/** Spells at several times of a run, in which different steps are at work. */
const BEGINS = [70, 130, 200, 260, 320] as const;

describe('#25 #70 access that is lost for a while is ridden out: token, right, and the API server itself', () => {
  for (const fromSeconds of BEGINS) {
    for (const [what, fault] of [
      ['no token is accepted for 5 s', { kind: 'denied', status: 401, fromSeconds, untilSeconds: fromSeconds + 5 }],
      ['no right is granted for 60 s', { kind: 'denied', status: 403, fromSeconds, untilSeconds: fromSeconds + 60 }],
      [
        'the API server is away for 120 s, and has not read its rules when it is back',
        { kind: 'apiServerAway', fromSeconds, forSeconds: 120, forbiddenAnswers: 4 },
      ],
    ] as const) {
      it(`${what}, from ${fromSeconds} s on: every node is upgraded`, async () => {
        const sandbox = await watchedWorld(faulty(fault));
        assertUpgraded(sandbox, await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 2 } }));
      });
    }
  }

  it('a plan is made although the first tokens are refused for some seconds', async () => {
    const sandbox = await watchedWorld(
      faulty({ kind: 'denied', status: 401, resources: ['nodes', 'pods'], fromSeconds: 0, untilSeconds: 7 }),
    );
    assertUpgraded(sandbox, await sandbox.upgrade());
  });

  it('a step whose API server goes away in the middle reports its evictions', async () => {
    const sandbox = await watchedWorld(
      world({
        workloads: [
          {
            kind: 'Deployment',
            name: 'many',
            namespace: 'shop',
            replicas: 60,
            terminationGracePeriodSeconds: 60,
            terminationSeconds: 50,
          },
        ],
        scenario: {
          faults: BEGINS.map((fromSeconds) => ({ kind: 'apiServerAway', fromSeconds, forSeconds: 20 }) as const),
        },
      }),
    );
    const ended = await sandbox.upgrade({ ...INPUT, updateConfig: { maxUnavailable: 2 } });
    assertUpgraded(sandbox, ended);
    const done = sandbox.wire.entries.filter(({ action, status }) => action.endsWith('/eviction') && status === 201);
    assert.equal(toldIn(sandbox), done.length);
  });

  it('the recovery goes on for half an hour while the API server is away, and cleans up when it is back', async () => {
    const sandbox = await watchedWorld(faulty({ kind: 'apiServerAway', fromSeconds: 130, forSeconds: 1500 }));
    const execution = sandbox.start(INPUT);
    const ended = await sandbox.end(execution);
    assert.equal(ended.error, 'ServiceUnavailable', `${ended.status} ${ended.cause}`);
    await sandbox.clock.advance(900);
    assert.equal(sandbox.lockHolder(), '');
    assert.equal(sandbox.tainted().length, 0);
    assertUpgraded(sandbox, await sandbox.upgrade());
  });
});

/** Evictions told in the outputs of DrainNode, of all executions of nodes. */
function toldIn({ stepFunctions }: WatchedWorld): number {
  const machine = stepFunctions.machines.find(({ name }) => name.endsWith('upgrade-node'));
  const executions = machine === undefined ? [] : stepFunctions.executionsOf(machine);
  return executions
    .flatMap(({ history }) => history.all())
    .filter(({ stateExitedEventDetails: details }) => (details as { name?: string } | undefined)?.name === 'DrainNode')
    .map(({ stateExitedEventDetails: details }) => JSON.parse((details as { output: string }).output).drain)
    .reduce((sum, { evictedCount = 0 }) => sum + evictedCount, 0);
}
