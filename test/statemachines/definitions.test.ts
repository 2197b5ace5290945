import assert from 'node:assert/strict';
import { ERROR_NAMES } from '../../domain/errors.ts';
import { callsFunction, readDefinitions } from '../support/definitions.ts';

const states = readDefinitions();
const tasks = states.filter(({ state }) => state.Type === 'Task');
const knownErrors: readonly string[] = Object.values(ERROR_NAMES).flat();
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
          .filter((name) => !knownErrors.includes(name) && !/^(Lambda|States|StepFunctions)\.\w+$/.test(name))
          .map((name) => `${where}: ${name} is not in domain/errors.ts`),
      ),
    );
  });

  it('retries every transient error, and no other of ours', () => {
    none(
      tasks.filter(callsFunction).flatMap(({ where, state }) => {
        const retried = (state.Retry ?? [])
          .flatMap(({ ErrorEquals }) => ErrorEquals)
          .filter((name) => knownErrors.includes(name));
        return retried.sort().join() === [...ERROR_NAMES.transient].sort().join()
          ? []
          : [`${where} retries ${retried}`];
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

  it('catches whatever a Task may throw, beside its result', () => {
    none(
      tasks
        .filter(({ state }) => {
          const last = state.Catch?.at(-1);
          return !last?.ErrorEquals.includes('States.ALL') || !last.ResultPath?.startsWith('$.');
        })
        .map(({ where }) => `${where}: the last Catch must be States.ALL with a ResultPath of its own`),
    );
  });

  it('gives every Choice a Default, and asks a question in its name', () => {
    none(
      states
        .filter(
          ({ name, state }) =>
            state.Type === 'Choice' && (state.Default === undefined || !/^(Is|Are|Has|May|Which)[A-Z]/.test(name)),
        )
        .map(({ where }) => `${where}: a Choice is named Is…/Are…/Has…/May…/Which… and has a Default`),
    );
  });

  it('names every Wait by what it waits for', () => {
    none(
      states
        .filter(({ name, state }) => state.Type === 'Wait' && !/^Wait(For|After)[A-Z]/.test(name))
        .map(({ where }) => where),
    );
  });

  it('labels a Map of child executions in at most 40 characters', () => {
    none(
      states
        .filter(({ state }) => state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED')
        .filter(({ state }) => !/^[A-Za-z0-9_-]{1,40}$/.test(state.Label ?? ''))
        .map(({ where }) => `${where}: Step Functions takes a Label of 1 to 40 letters, digits, - and _`),
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
