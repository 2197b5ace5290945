import { AsyncLocalStorage } from 'node:async_hooks';
import { type Container, createContainers } from 'eks-sandbox/lambda';

/** One call of a function. */
export interface Invocation {
  /** Counted from 1. */
  readonly id: number;
  readonly functionKey: string;
  readonly payload: unknown;
  /** The process that runs it. */
  readonly container: Container;
}

/** The calls of functions, and which of them something happens in. */
export interface Invocations {
  /** On whose behalf something happens now; `undefined` when somebody else does it. */
  current(): Invocation | undefined;
  /** Run a function as a call of its own. */
  run(functionKey: string, payload: unknown, work: (invocation: Invocation) => Promise<unknown>): Promise<unknown>;
}

/** What Step Functions is told of a call. */
export const lambdaError = (name: string, sentence: string): Error => Object.assign(new Error(sentence), { name });

/** Tell calls of functions apart, whatever they do at the same time and whoever started them. */
export function createInvocations(): Invocations {
  const storage = new AsyncLocalStorage<Invocation>();
  const containers = createContainers();
  let calls = 0;
  return {
    current: () => storage.getStore(),
    run(functionKey, payload, work) {
      calls += 1;
      const id = calls;
      return containers.run(functionKey, (container) => {
        const invocation: Invocation = { id, functionKey, payload, container };
        return storage.run(invocation, () => work(invocation));
      });
    },
  };
}
