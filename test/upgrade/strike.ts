import { AsyncLocalStorage } from 'node:async_hooks';
import { connectionLost, type RequestHandler } from 'eks-sandbox/server';
import type { Between } from '../../cli/embedded/virtual-sandbox.ts';

/** What befalls one request of the workflow's functions. */
export const STRIKES = ['fails', 'answerLost', 'diesBefore', 'diesAfter'] as const;
export type Strike = (typeof STRIKES)[number];

/** One call of a function. */
interface Invocation {
  readonly functionKey: string;
  isDead: boolean;
  die(): void;
}

/** What a test needs to strike, and what it is told. */
export interface Striking {
  /** What befalls the request with this number, counted from 1; none by default. */
  readonly strike?: Strike;
  readonly number?: number;
  /** Called before each request of a function, with its number. */
  readonly onRequest?: (number: number, what: string) => void;
}

const killed = () =>
  Object.assign(new Error('RequestId: 1 Error: Runtime exited with error: signal: killed'), {
    name: 'Runtime.ExitError',
  });

/**
 * Strike one request of the functions of a workflow, whichever function sends it and whatever it asks for.
 *
 * A function that dies sends no further request; what it had asked for takes effect, and the request after which it dies too.
 *
 * @param idle lets simulated time pass while something waits for ever
 */
export function striking(
  { strike, number, onRequest = () => {} }: Striking,
  idle: (pending: Promise<never>) => Promise<never>,
): Between {
  const current = new AsyncLocalStorage<Invocation>();
  const forEver = new Promise<never>(() => {});
  let count = 0;

  const struck = async (invocation: Invocation | undefined, answer: () => ReturnType<RequestHandler>) => {
    if (strike === 'fails') throw connectionLost();
    if (strike === 'answerLost') {
      await answer();
      throw connectionLost();
    }
    if (strike === 'diesAfter') await answer();
    invocation?.die();
    return idle(forEver);
  };

  return {
    request: (handler, plane) => async (request) => {
      const invocation = current.getStore();
      if (invocation?.isDead) return idle(forEver);
      count += 1;
      onRequest(count, `${invocation?.functionKey}: ${plane} ${request.method} ${request.path}`);
      return strike !== undefined && count === number ? struck(invocation, () => handler(request)) : handler(request);
    },
    invoke: (inner) => (functionKey, payload) => {
      const { promise: ended, reject } = Promise.withResolvers<never>();
      const invocation: Invocation = {
        functionKey,
        isDead: false,
        die() {
          invocation.isDead = true;
          reject(killed());
        },
      };
      return Promise.race([current.run(invocation, () => inner(functionKey, payload)), ended]);
    },
  };
}
