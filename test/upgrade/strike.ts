import type { SandboxClock } from 'eks-sandbox/clock';
import type { Between } from '../../cli/embedded/virtual-sandbox.ts';
import { createInvocations } from '../../simulation/seams/invocation.ts';
import { createSeams } from '../../simulation/seams/seams.ts';

/** What happens to one request of the workflow's functions. */
export const STRIKES = ['failsBefore', 'answerLost', 'diesBefore', 'diesAfter'] as const;
export type Strike = (typeof STRIKES)[number];

/** What a test needs to strike, and what it is told. */
export interface Striking {
  /** What happens to the request with this number, counted from 1; none by default. */
  readonly strike?: Strike;
  readonly number?: number;
  /** Called before each request of a function, with its number. */
  readonly onRequest?: (number: number, what: string) => void;
}

/**
 * Strike one request of the functions of a workflow, whichever function sends it and whatever it asks for.
 *
 * A function that dies sends no further request; what it had asked for takes effect, and the request after which it dies too.
 *
 * @param clock of the world, which exists by the time of the first request
 */
export const striking = (
  { strike, number = 1, onRequest = () => {} }: Striking,
  clock: () => Pick<SandboxClock, 'hang' | 'sleep' | 'timeout'>,
): Between =>
  createSeams({
    invocations: createInvocations(),
    strikes: strike === undefined ? [] : [{ seam: 'request', number, mode: strike }],
    context: {
      hang: () => clock().hang(),
      sleep: (seconds) => clock().sleep(seconds),
      timeout: (seconds, callback) => void clock().timeout(seconds, callback),
      isOver: () => false,
      stopRuns: () => {},
    },
    onRequest: ({ number: sent, invocation, plane, action }) =>
      onRequest(sent, `${invocation?.functionKey}: ${plane} ${action}`),
  });
