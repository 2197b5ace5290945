import type { ClusterAnswer, ExternalCluster } from './external-cluster.ts';

export const MOST_ATTEMPTS = 6;

/** Ask until there is an answer that will not change by itself. @throws what the last attempt threw */
export type Ask = (method: string, path: string, body?: object) => Promise<ClusterAnswer>;

const isPassing = (status: number) => status === 429 || status >= 500;

/** The Node is gone, or another has its name: nothing is left to be done. */
const isSettledWithout = ({ status }: ClusterAnswer) => status === 404 || status === 409;

/** An answer that is not as expected, as part of a sentence. */
export const describeAnswer = ({ status, body }: ClusterAnswer): string => `${status} ${body.message ?? ''}`.trim();

/** What is wrong with the answer to a change of a Node; undefined when nothing is left to be done. */
export const failureOf = (answer: ClusterAnswer): string | undefined =>
  answer.status < 300 || isSettledWithout(answer) ? undefined : describeAnswer(answer);

/**
 * Create the requests to a cluster that may be busy: they are repeated while an answer may get better.
 *
 * @param mayRepeat false once nobody waits for the answer any more
 */
export function createAsk(
  cluster: ExternalCluster,
  pause: (seconds: number) => Promise<unknown>,
  mayRepeat: () => boolean,
): Ask {
  return async (method, path, body) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await cluster.request(method, path, body);
        if (!isPassing(answer.status) || attempt >= MOST_ATTEMPTS || !mayRepeat()) return answer;
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !mayRepeat()) throw error;
      }
      await pause(attempt);
    }
  };
}
