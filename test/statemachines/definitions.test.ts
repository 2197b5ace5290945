import assert from 'node:assert/strict';
import { ERROR_NAMES } from '../../domain/errors.ts';
import statemachines from '../../statemachines/load.cjs';
import { callsFunction, type PlacedState, readDefinitions } from '../support/definitions.ts';

const states = readDefinitions();
const tasks = states.filter(({ state }) => state.Type === 'Task');
const knownErrors: readonly string[] = Object.values(ERROR_NAMES).flat();
/** Errors that Lambda and Step Functions name. */
const SERVICE_ERROR = /^(Lambda|Runtime|Sandbox|States|StepFunctions)\.\w+$/;
/** Tasks whose failure must not end them: what they leave undone nobody else does at once. */
const RETRY_EVERYTHING = ['RecoverFromFailure'];
/** Tasks that take whatever an execution was started with. */
const TAKE_ANY_INPUT = ['PlanUpgrade', 'PlanCluster'];
const calling = tasks.filter((task) => callsFunction(task) && !RETRY_EVERYTHING.includes(task.name));
/** Longest time that retriers wait for an error, all attempts together; half of it on average with full jitter. */
const longestWaitSeconds = ({ state }: PlacedState, error: string): number =>
  (state.Retry ?? [])
    .filter(({ ErrorEquals }) => ErrorEquals.includes(error))
    .flatMap(({ IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY }) =>
      Array.from({ length: MaxAttempts }, (_, attempt) =>
        Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds),
      ),
    )
    .reduce((sum, seconds) => sum + seconds, 0);
const none = (faults: readonly string[]) => assert.deepEqual(faults, [], faults.join('\n'));

describe('the definitions', () => {
  const REQUIRED = ['Comment', 'Parameters', 'ResultPath', 'TimeoutSeconds', 'Retry', 'Catch'] as const;

  for (const { where, state } of tasks) {
    it(`${where} says what it does, what it takes, how long it may take and what happens when it fails`, () => {
      none(REQUIRED.filter((field) => !(field in state)).map((field) => `${where} lacks ${field}`));
    });
  }

  it('retries and catches only errors that exist', () => {
    none(
      states.flatMap(({ where, state }) =>
        [...(state.Retry ?? []), ...(state.Catch ?? [])]
          .flatMap(({ ErrorEquals }) => ErrorEquals)
          .filter((name) => !knownErrors.includes(name) && !SERVICE_ERROR.test(name))
          .map((name) => `${where}: ${name} is not in domain/errors.ts`),
      ),
    );
  });

  it('retries every transient error, and no other of ours', () => {
    none(
      calling.flatMap(({ where, state }) => {
        const retried = (state.Retry ?? [])
          .flatMap(({ ErrorEquals }) => ErrorEquals)
          .filter((name) => knownErrors.includes(name));
        return retried.sort().join() === [...ERROR_NAMES.transient].sort().join()
          ? []
          : [`${where} retries ${retried}`];
      }),
    );
  });

  it('#25 #70 rides out an API that is away for two minutes in every Task: five on average', () => {
    none(
      calling.flatMap((task) =>
        ERROR_NAMES.transient
          .filter((error) => longestWaitSeconds(task, error) < 2 * 300)
          .map((error) => `${task.where}: retry ${error} for five minutes on average`),
      ),
    );
  });

  for (const [error, seconds, why] of [
    ['Sandbox.Timedout', 60, 'a function that took too long'],
    ['Runtime.ExitError', 60, 'a function that died'],
    ['States.Timeout', 60, 'a function that nobody heard of again'],
    ['Lambda.TooManyRequestsException', 60, 'too many functions at a time'],
    ['Lambda.ResourceNotReadyException', 180, '#51 a function that sleeps in a VPC'],
    ['Lambda.ENINotReadyException', 180, '#51 a network interface that is being made'],
    ['Lambda.ResourceConflictException', 180, '#51 a function that is being changed'],
    ['Lambda.EC2ThrottledException', 180, '#51 EC2, which makes the network interface'],
  ] as const) {
    it(`waits for ${why} in every Task`, () => {
      none(
        calling
          .filter((task) => longestWaitSeconds(task, error) < seconds)
          .map(({ where }) => `${where}: retry ${error} for ${seconds} s`),
      );
    });
  }

  it('retries the recovery for half an hour on average, whatever the error', () => {
    const recovery = tasks.filter(({ name }) => RETRY_EVERYTHING.includes(name));
    assert.equal(recovery.length, RETRY_EVERYTHING.length);
    for (const task of recovery) assert.ok(longestWaitSeconds(task, 'States.ALL') >= 2 * 1800, task.where);
  });

  it('gives a whole execution more time than any of its Tasks', () => {
    none(
      ['upgrade-nodegroup', 'upgrade-cluster', 'upgrade-node'].flatMap((name) => {
        const { TimeoutSeconds: limit = 0 } = statemachines.load(name);
        return tasks
          .filter(({ where }) => where.startsWith(`statemachines/${name}.`))
          .filter(({ state }) => (state.TimeoutSeconds ?? Number.POSITIVE_INFINITY) > limit)
          .map(({ where }) => where);
      }),
    );
  });

  it('starts an execution again only when it was not started: one that failed is a result', () => {
    none(
      tasks
        .filter((each) => !callsFunction(each))
        .flatMap(({ where, state }) =>
          (state.Retry ?? [])
            .flatMap(({ ErrorEquals }) => ErrorEquals)
            .filter((name) => !name.startsWith('StepFunctions.'))
            .map((name) => `${where} retries ${name}`),
        ),
    );
  });

  it('uses States.ALL alone, and last', () => {
    none(
      states.flatMap(({ where, state }) =>
        [state.Retry ?? [], state.Catch ?? []].flatMap((rules) =>
          rules
            .filter(
              ({ ErrorEquals }, index) =>
                ErrorEquals.includes('States.ALL') && (ErrorEquals.length > 1 || index < rules.length - 1),
            )
            .map(() => `${where}: States.ALL must stand alone in the last rule`),
        ),
      ),
    );
  });

  it('catches whatever a Task may throw, beside its result, and in the place of an input that may be no object', () => {
    none(
      tasks
        .filter(({ name, state }) => {
          const last = state.Catch?.at(-1);
          const isPlaced = TAKE_ANY_INPUT.includes(name)
            ? last?.ResultPath === '$'
            : last?.ResultPath?.startsWith('$.');
          return !last?.ErrorEquals.includes('States.ALL') || isPlaced !== true;
        })
        .map(({ where }) => `${where}: the last Catch must be States.ALL with a ResultPath of its own`),
    );
  });

  it('#23 catches by name what States.ALL does not cover, and does the same about it', () => {
    none(
      tasks
        .filter(({ state }) => {
          const [named, all, ...more] = state.Catch ?? [];
          const isSame = named?.Next === all?.Next && named?.ResultPath === all?.ResultPath;
          return named?.ErrorEquals.join() !== 'States.DataLimitExceeded' || !isSame || more.length > 0;
        })
        .map(({ where }) => `${where}: the first Catch must be States.DataLimitExceeded, as the last`),
    );
  });

  it('gives every Choice a Default, and asks a question in its name', () => {
    none(
      states
        .filter(
          ({ name, state }) =>
            state.Type === 'Choice' &&
            (state.Default === undefined || !/^(Is|Are|Has|May|Which|Where|What)[A-Z]/.test(name)),
        )
        .map(({ where }) => `${where}: a Choice is named Is…/Are…/Has…/May…/Which…/Where…/What… and has a Default`),
    );
  });

  it('names every Wait by what it waits for', () => {
    none(
      states
        .filter(({ name, state }) => state.Type === 'Wait' && !/^Wait(For|After)[A-Z]/.test(name))
        .map(({ where }) => where),
    );
  });

  it('names no state twice, in whichever machine: the report keys on them', () => {
    none(
      states
        .filter(({ name }, index) => states.findIndex((other) => other.name === name) !== index)
        .map(({ where }) => where),
    );
  });

  it('names every state in PascalCase', () => {
    none(states.filter(({ name }) => !/^([A-Z][a-z0-9]+)+$/.test(name)).map(({ where }) => where));
  });
});
