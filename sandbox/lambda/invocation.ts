import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler } from '../server/http.ts';

/** One call of a function that does not go as it should. */
export interface Invocation {
  /** Called before each request that the function sends; the request waits for it. */
  beforeRequest(): Promise<void>;
}

const current = new AsyncLocalStorage<Invocation>();

/** Run a function as an invocation, so that its requests can be told from those of others. */
export const runAs = <T>(invocation: Invocation, work: () => Promise<T>): Promise<T> => current.run(invocation, work);

/**
 * Let the requests of a troubled invocation wait for it; those of everybody else pass.
 *
 * Whose request it is can only be told where it is a function call; over a socket every request passes.
 */
export const awaitingInvocation =
  (handler: RequestHandler): RequestHandler =>
  (request) => {
    const invocation = current.getStore();
    return invocation === undefined ? handler(request) : invocation.beforeRequest().then(() => handler(request));
  };
