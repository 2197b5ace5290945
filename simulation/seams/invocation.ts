import { AsyncLocalStorage } from 'node:async_hooks';

/** One call of a function. */
export interface Invocation {
  /** Counted from 1. */
  readonly id: number;
  readonly functionKey: string;
  readonly payload: unknown;
  /** Whether its process has ended: nothing that it asks for is sent any more. */
  isDead: boolean;
  /** Let the call fail; what it has asked for goes on. */
  end(failure: Error): void;
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
  let calls = 0;
  return {
    current: () => storage.getStore(),
    run(functionKey, payload, work) {
      const { promise: ended, reject: end } = Promise.withResolvers<never>();
      calls += 1;
      const invocation: Invocation = { id: calls, functionKey, payload, isDead: false, end };
      return Promise.race([storage.run(invocation, () => work(invocation)), ended]);
    },
  };
}
