import type { SandboxClock } from './clock.ts';

type Asynchronous = (...parameters: never[]) => Promise<unknown>;

/**
 * Make each call of a client end before simulated time moves, whatever else the caller waits for.
 *
 * A client of the AWS SDK takes several turns of the event loop for a request that it sends again.
 */
export const attendedPort = <Port extends { readonly [K in keyof Port]: Asynchronous }>(
  port: Port,
  { attend }: Pick<SandboxClock, 'attend'>,
): Port =>
  new Proxy(port, {
    get: (target, method, receiver) => {
      const called = Reflect.get(target, method, receiver) as Asynchronous | undefined;
      if (typeof called !== 'function') return called;
      return (...parameters: never[]) => attend(() => called(...parameters));
    },
  });
