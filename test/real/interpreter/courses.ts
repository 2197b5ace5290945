import type { Between } from '../../../cli/embedded/virtual-sandbox.ts';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { annotate } from '../../upgrade/left-behind.ts';
import { MANAGED, managedWorld } from '../../upgrade/managed-world.ts';
import { ALL, blockingWorkload, createClusterWorld, fleet, group } from '../../upgrade/run-cluster.ts';
import { createWorld, GROUP, INPUT, type UpgradeWorld, world } from '../../upgrade/run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../../upgrade/workloads.ts';
import type { Course } from './recorded.ts';

type Strike = Error | 'silent' | undefined;
/** What happens to a call of a function, the first being number 1. */
type Struck = (functionKey: string, number: number) => Strike;

const THREE = { minSize: 1, maxSize: 4, desiredCapacity: 3 };
const ONE = { zones: ['eu-west-1a'], minSize: 1, maxSize: 2, desiredCapacity: 1 };

const failure = (name: string) => Object.assign(new Error(`${name}, says the test`), { name });
/** Fail the first calls of each of these functions with an error. */
const first =
  (times: number, error: string, ...functionKeys: readonly string[]): Struck =>
  (functionKey, number) =>
    functionKeys.includes(functionKey) && number <= times ? failure(error) : undefined;

/** Strike calls of functions before they do anything. */
function striking(struck: Struck, hang: () => Promise<never>): Between {
  const calls = new Map<string, number>();
  return {
    invoke: (inner) => async (functionKey, payload) => {
      const number = (calls.get(functionKey) ?? 0) + 1;
      calls.set(functionKey, number);
      const strike = struck(functionKey, number);
      if (strike === 'silent') return hang();
      if (strike !== undefined) throw strike;
      return inner(functionKey, payload);
    },
  };
}

/** A group of one node, whose functions are struck. */
async function struckWorld(struck: Struck): Promise<UpgradeWorld> {
  const hang = () => sandbox.clock.hang();
  const sandbox: UpgradeWorld = await createWorld(world({ group: ONE }), undefined, striking(struck, hang));
  return sandbox;
}

const upgraded = async (sandbox: UpgradeWorld, name: string, input: object = INPUT) => {
  await sandbox.upgrade(input, name);
  return sandbox.stepFunctions;
};

function stateOf({ stepFunctions }: UpgradeWorld, machine: number, name: string): object {
  const state = stepFunctions.machines[machine]?.definition.States[name];
  if (state === undefined) throw new Error(`there is no state ${name}`);
  return state;
}

/** Change a state of a machine before anything runs. */
const change = (sandbox: UpgradeWorld, machine: number, name: string, changes: object): void => {
  Object.assign(stateOf(sandbox, machine, name), changes);
};

/** Seconds that a Task may take, in reality: those of the definition would be waited for. */
const SHORT_SECONDS = 1;
const NODEGROUP = 0;
const NODE = 2;

/** Ways through the state machines with the workflow's own functions, in worlds on a virtual clock. */
export const COURSES: readonly Course[] = [
  ['a dry run', async (name) => upgraded(await createWorld(world({ group: ONE })), name, { ...INPUT, dryRun: true })],
  ['a bad input', async (name) => upgraded(await createWorld(world({ group: ONE })), name, { ...INPUT, ami: 'new' })],
  ['an upgrade of three nodes', async (name) => upgraded(await createWorld(world({ group: THREE })), name)],
  [
    'a group with nothing to do',
    async (name) => {
      const sandbox = await createWorld(world({ group: ONE }));
      await sandbox.upgrade(INPUT, `${name}-before`);
      return upgraded(sandbox, name);
    },
  ],
  [
    'an upgrade that somebody pauses and resumes',
    async (name) => {
      const sandbox = await createWorld(world({ group: THREE }));
      const execution = sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: 1 } }, name);
      await sandbox.clock.runUntil(() => sandbox.amis().length > THREE.desiredCapacity, 3600);
      annotate(sandbox, RECORD_ANNOTATIONS.pause, 'lunch');
      await sandbox.clock.advance(300);
      annotate(sandbox, RECORD_ANNOTATIONS.pause, undefined);
      await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7200);
      return sandbox.stepFunctions;
    },
  ],
  [
    'an upgrade that a budget blocks',
    async (name) => {
      const sandbox = await createWorld(world({ group: THREE, workloads: [BLOCKING_WORKLOAD] }));
      return upgraded(sandbox, name, { ...INPUT, drainTimeoutSeconds: 120 });
    },
  ],
  ['an update by EKS', async (name) => upgraded(await createWorld(managedWorld({ group: THREE })), name, MANAGED)],
  [
    'an upgrade without surge',
    async (name) =>
      upgraded(await createWorld(world({ group: THREE })), name, {
        ...INPUT,
        updateConfig: { updateStrategy: 'MINIMAL' },
      }),
  ],
  [
    'a surge that an autoscaler takes back while there is no capacity',
    async (name) => {
      const noCapacity = { kind: 'insufficientCapacity', zone: 'eu-west-1a', untilSeconds: 300 } as const;
      const takenBack = { kind: 'setDesiredCapacity', group: GROUP, atSeconds: 150, change: -1 } as const;
      const sandbox = await createWorld(world({ group: ONE, scenario: { faults: [noCapacity, takenBack] } }));
      return upgraded(sandbox, name, { ...INPUT, updateConfig: { surge: 1 } });
    },
  ],
  [
    'an upgrade of a cluster, one of whose groups is blocked',
    async (name) => {
      const sandbox = await createClusterWorld(
        fleet([group('a', ONE), group('b', ONE)], { workloads: [blockingWorkload('b')] }),
      );
      const input = { ...ALL, drainTimeoutSeconds: 120, onNodegroupFailure: 'continue' };
      await sandbox.upgrade(input, name);
      return sandbox.stepFunctions;
    },
  ],
  [
    'steps that fail for a while and are retried',
    async (name) => {
      const struck = first(3, 'Throttled', 'planUpgrade', 'acquireLock', 'upgradeNodes', 'drainNode', 'scaleDown');
      return upgraded(await struckWorld(struck), name);
    },
  ],
  [
    'a step of the upgrade whose retries are used up',
    async (name) => upgraded(await struckWorld(first(100, 'ServiceUnavailable', 'scaleUp')), name),
  ],
  [
    'a step of a node whose retries are used up',
    async (name) => upgraded(await struckWorld(first(15, 'Conflict', 'cordonNode')), name),
  ],
  [
    'a recovery that fails for good',
    async (name) =>
      upgraded(await struckWorld(first(100, 'Runtime.OutOfMemory', 'scaleUp', 'recoverFromFailure')), name),
  ],
  [
    'functions that take more time than they have',
    async (name) => {
      const late = ['acquireLock', 'cordonNode'];
      const sandbox = await struckWorld((key, number) => (late.includes(key) && number === 1 ? 'silent' : undefined));
      change(sandbox, NODEGROUP, 'AcquireLock', { TimeoutSeconds: SHORT_SECONDS });
      change(sandbox, NODE, 'CordonNode', { TimeoutSeconds: SHORT_SECONDS });
      return upgraded(sandbox, name);
    },
  ],
  [
    'functions that sleep when they are called',
    async (name) =>
      upgraded(
        await struckWorld(first(9, 'Lambda.ResourceNotReadyException', 'planUpgrade', 'terminateInstance')),
        name,
      ),
  ],
  [
    'a run that continues in another execution',
    async (name) => {
      const slow = { terminationGracePeriodSeconds: 320, terminationSeconds: 300 };
      const sandbox = await createWorld(
        world({
          group: THREE,
          workloads: [{ kind: 'Deployment', name: 'slow', namespace: 'shop', replicas: 3, spread: 'host', ...slow }],
        }),
      );
      const { Parameters } = stateOf(sandbox, NODEGROUP, 'UpgradeNodes') as { Parameters: object };
      change(sandbox, NODEGROUP, 'UpgradeNodes', { Parameters: { ...Parameters, eventBudget: 160 } });
      return upgraded(sandbox, name);
    },
  ],
];
