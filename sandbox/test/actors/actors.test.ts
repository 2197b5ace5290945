import assert from 'node:assert/strict';
import { actorSchema } from '../../world/scenario/actor.ts';
import type { Actor } from '../../world/scenario.ts';
import { asAdmin, createActorsWorld } from './actors-world.ts';

type World = ReturnType<typeof createActorsWorld>;
type ActorInput = Parameters<typeof createActorsWorld>[0][number];

const AT = 10;
const of = { group: 'workers', atSeconds: AT } as const;
const statesOf = ({ workers }: World) => [...workers.members.values()].map(({ lifecycleState }) => lifecycleState);
const sizesOf = ({ workers: { minSize, maxSize, desiredCapacity } }: World) => [minSize, maxSize, desiredCapacity];
const taint = { key: 'team', value: 'a', effect: 'NoSchedule' } as const;
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

const createLease = ({ sandbox }: World) =>
  asAdmin(sandbox.kubernetes.get('shop') as Parameters<typeof asAdmin>[0], 'POST', LEASE, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'lock', annotations: { kept: '1', dropped: '1' } },
    spec: { holderIdentity: 'me' },
  });
const leaseOf = ({ store }: World) => store.get('leases', 'default', 'lock');
const lease = { atSeconds: AT, cluster: 'shop', namespace: 'default', name: 'lock' } as const;
const refreshOf = ({ workers }: World) => workers.refreshes[0];

/** What each kind does: the actors, the instant at which it shows, and how. */
const KINDS: Readonly<
  Record<Actor['kind'], readonly [actors: ActorInput[], at: number, holds: (world: World) => void]>
> = {
  setSizes: [
    [{ kind: 'setSizes', ...of, minSize: 2, maxSize: 9, desiredCapacity: 5 }],
    60,
    (world) => {
      assert.deepEqual(sizesOf(world), [2, 9, 5]);
      assert.equal(world.workers.members.size, 5);
    },
  ],
  setTags: [
    [{ kind: 'setTags', ...of, tags: { owner: 'me' } }],
    11,
    ({ workers }) => assert.equal(workers.tags.get('owner')?.value, 'me'),
  ],
  removeTags: [
    [
      { kind: 'setTags', ...of, atSeconds: 1, tags: { owner: 'me', other: 'x' } },
      { kind: 'removeTags', ...of, keys: ['owner'] },
    ],
    11,
    ({ workers }) => assert.deepEqual([workers.tags.has('owner'), workers.tags.has('other')], [false, true]),
  ],
  setTemplateVersion: [
    [{ kind: 'setTemplateVersion', ...of, version: '1' }],
    11,
    ({ workers: { source } }) =>
      assert.equal(source.kind === 'launch-template' ? source.template.version : undefined, '1'),
  ],
  scheduleSizes: [
    [{ kind: 'scheduleSizes', ...of, name: 'evening', afterSeconds: 50, minSize: 0, desiredCapacity: 1 }],
    61,
    (world) => assert.deepEqual(sizesOf(world), [0, 6, 1]),
  ],
  startInstanceRefresh: [
    [{ kind: 'startInstanceRefresh', ...of }],
    1200,
    (world) => {
      assert.equal(refreshOf(world)?.status, 'Successful');
      assert.equal(world.workers.members.size, 3);
      const replaced = refreshOf(world)?.instanceIds.filter((id) => !world.workers.members.has(id));
      assert.equal(replaced?.length, 3);
    },
  ],
  cancelInstanceRefresh: [
    [
      { kind: 'startInstanceRefresh', ...of },
      { kind: 'cancelInstanceRefresh', ...of, atSeconds: 40 },
    ],
    120,
    (world) => assert.equal(refreshOf(world)?.status, 'Cancelled'),
  ],
  enterStandby: [
    [{ kind: 'enterStandby', ...of, number: 2 }],
    20,
    (world) => {
      assert.deepEqual(statesOf(world), ['InService', 'Standby', 'InService']);
      assert.deepEqual(sizesOf(world), [1, 6, 2]);
    },
  ],
  exitStandby: [
    [
      { kind: 'enterStandby', ...of, nodes: 2, atSeconds: 1 },
      { kind: 'exitStandby', ...of },
    ],
    30,
    (world) => {
      assert.deepEqual(statesOf(world), ['InService', 'InService', 'InService']);
      assert.deepEqual(sizesOf(world), [1, 6, 3]);
    },
  ],
  taintNodes: [
    [{ kind: 'taintNodes', ...of, number: 1, taint }],
    11,
    ({ nodes }) =>
      assert.deepEqual(
        nodes().map((node) => node?.spec?.taints ?? []),
        [[taint], [], []],
      ),
  ],
  untaintNodes: [
    [
      { kind: 'taintNodes', ...of, atSeconds: 1, nodes: 3, taint },
      { kind: 'untaintNodes', ...of, number: 3, key: 'team' },
    ],
    11,
    ({ nodes }) =>
      assert.deepEqual(
        nodes().map((node) => (node?.spec?.taints ?? []).length),
        [1, 1, 0],
      ),
  ],
  cordonNodes: [
    [{ kind: 'cordonNodes', ...of, number: 2 }],
    11,
    ({ nodes }) =>
      assert.deepEqual(
        nodes().map((node) => node?.spec?.unschedulable ?? false),
        [false, true, false],
      ),
  ],
  uncordonNodes: [
    [
      { kind: 'cordonNodes', ...of, atSeconds: 1, nodes: 3 },
      { kind: 'uncordonNodes', ...of, pick: 'oldest', nodes: 2 },
    ],
    11,
    ({ nodes }) =>
      assert.deepEqual(
        nodes().map((node) => node?.spec?.unschedulable ?? false),
        [false, false, true],
      ),
  ],
  deleteNodes: [
    [{ kind: 'deleteNodes', ...of, number: 1 }],
    11,
    (world) => {
      assert.deepEqual(
        world.nodes().map((node) => node === undefined),
        [true, false, false],
      );
      assert.deepEqual(statesOf(world), ['InService', 'InService', 'InService']);
    },
  ],
  deleteLease: [[{ kind: 'deleteLease', ...lease }], 11, (world) => assert.equal(leaseOf(world), undefined)],
  annotateLease: [
    [{ kind: 'annotateLease', ...lease, annotations: { pause: 'true', dropped: null } }],
    11,
    (world) => assert.deepEqual(leaseOf(world)?.metadata.annotations, { kept: '1', pause: 'true' }),
  ],
  startExecution: [
    [{ kind: 'startExecution', atSeconds: AT, stateMachine: 'upgrade', name: 'second', input: { a: 1 } }],
    11,
    ({ sandbox: { stepFunctions } }) => {
      const [machine] = stepFunctions.machines;
      const execution = machine && stepFunctions.findNamed(machine, 'second');
      assert.deepEqual([execution?.status, execution?.input.text], ['RUNNING', '{"a":1}']);
    },
  ],
};

describe('#49 an actor of the scenario', () => {
  it('has a test here for each kind', () => {
    const kinds = actorSchema.options.map((option) => option.shape.kind.value);
    assert.deepEqual(Object.keys(KINDS).sort(), kinds.sort());
  });

  for (const [kind, [actors, at, holds]] of Object.entries(KINDS))
    it(`of kind ${kind} changes the world at its instant, and not before`, async () => {
      const world = createActorsWorld(actors);
      await createLease(world);
      await world.advance(AT - 1);
      const before = JSON.stringify(world.sandbox.actorReports.map(({ actor }) => actor.atSeconds));
      assert.ok(!before.includes(String(AT)), 'nothing was done before the instant');
      await world.advance(at - (AT - 1));
      assert.deepEqual(
        world.refusals().filter((refusal) => refusal !== undefined),
        [],
      );
      holds(world);
    });
});

describe('actors', () => {
  it('choose the same nodes from the same seed', async () => {
    const actors: ActorInput[] = [{ kind: 'cordonNodes', ...of, nodes: 2 }];
    const histories = await Promise.all(
      [1, 2].map(async () => {
        const world = createActorsWorld(actors);
        await world.advance(20);
        return world.sandbox.actorReports;
      }),
    );
    assert.deepEqual(histories[0], histories[1]);
    assert.equal(histories[0]?.length, 2);
  });

  it('can mean the newest nodes, such as those of an upgrade', async () => {
    const world = createActorsWorld([
      { kind: 'setSizes', ...of, desiredCapacity: 4 },
      { kind: 'cordonNodes', ...of, atSeconds: 300, pick: 'newest' },
    ]);
    await world.advance(301);
    assert.deepEqual(
      world.nodes().map((node) => node?.spec?.unschedulable ?? false),
      [false, false, false, true],
    );
  });

  it('that are refused change nothing, and the reason is kept', async () => {
    const world = createActorsWorld([
      { kind: 'setSizes', ...of, desiredCapacity: 40 },
      { kind: 'setTemplateVersion', ...of, version: '9' },
      { kind: 'cancelInstanceRefresh', ...of },
      { kind: 'deleteLease', ...lease },
    ]);
    await world.advance(20);
    const [tooMany = '', noVersion = '', noRefresh = '', noLease = ''] = world.refusals().map(String);
    assert.match(tooMany, /^ValidationError: Desired capacity:40 must be between/);
    assert.match(noVersion, /^ValidationError: You must use a valid fully-formed launch template/);
    assert.match(noRefresh, /^ActiveInstanceRefreshNotFound: /);
    assert.equal(noLease, '404 leases.coordination.k8s.io "lock" not found');
    assert.deepEqual(sizesOf(world), [1, 6, 3]);
  });

  it('that find their node gone do nothing, and say so', async () => {
    const world = createActorsWorld([
      { kind: 'startInstanceRefresh', ...of },
      { kind: 'cordonNodes', ...of, atSeconds: 1200, number: 1 },
      { kind: 'enterStandby', ...of, atSeconds: 1200, number: 2 },
    ]);
    await world.advance(1201);
    const gone = 'no such node of workers is there any more';
    assert.deepEqual(world.refusals(), [undefined, gone, gone]);
    assert.deepEqual(statesOf(world), ['InService', 'InService', 'InService']);
  });

  it('leave no trace in the log of requests, which counts what clients send', async () => {
    const world = createActorsWorld([
      { kind: 'cordonNodes', ...of },
      { kind: 'setSizes', ...of, desiredCapacity: 4 },
    ]);
    await world.advance(20);
    assert.deepEqual(world.sandbox.wire.entries, []);
  });

  it('cannot start a state machine that there is not', () => {
    assert.throws(
      () => createActorsWorld([{ kind: 'startExecution', atSeconds: 1, stateMachine: 'upgade' }]),
      /actor startExecution: there is no state machine upgade, only upgrade/,
    );
  });

  it('of a group with several instance types keep the rest of its policy when they set the version', async () => {
    const overrides = [{ instanceType: 'm6i.xlarge' }, { instanceType: 'm5.xlarge' }];
    const world = createActorsWorld([{ kind: 'setTemplateVersion', ...of, version: '1' }], {
      mixedInstances: { overrides },
    });
    const before = world.workers.source;
    await world.advance(20);
    const { source } = world.workers;
    assert.ok(source.kind === 'mixed-instances' && before.kind === 'mixed-instances');
    assert.deepEqual(source.template, { ...before.template, version: '1' });
    assert.deepEqual(
      source.overrides.map(({ instanceType }) => instanceType),
      overrides.map(({ instanceType }) => instanceType),
    );
  });
});
