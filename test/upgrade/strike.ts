import { createContainers, currentContainer } from 'eks-sandbox/lambda';
import { connectionLost, type RequestHandler } from 'eks-sandbox/server';
import type { Between } from '../../cli/embedded/virtual-sandbox.ts';

/** What befalls one request of the workflow's functions. */
export const STRIKES = ['fails', 'answerLost', 'diesBefore', 'diesAfter'] as const;
export type Strike = (typeof STRIKES)[number];

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
 */
export function striking({ strike, number, onRequest = () => {} }: Striking): Between {
  const containers = createContainers();
  let count = 0;

  const struck = async (answer: () => ReturnType<RequestHandler>) => {
    if (strike === 'fails') throw connectionLost();
    if (strike !== 'diesBefore') await answer();
    if (strike === 'answerLost') throw connectionLost();
    currentContainer()?.die(killed());
    // Never sent, as everything that a dead function asks for.
    return answer();
  };

  return {
    request: (handler, plane) => async (request) => {
      const container = currentContainer();
      if (container?.isDead) return handler(request);
      count += 1;
      onRequest(count, `${container?.functionKey}: ${plane} ${request.method} ${request.path}`);
      return strike !== undefined && count === number ? struck(() => handler(request)) : handler(request);
    },
    invoke: (inner) => (functionKey, payload) => containers.run(functionKey, () => inner(functionKey, payload)),
  };
}
