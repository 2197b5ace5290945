import type { EKSClientConfig } from '@aws-sdk/client-eks';

type RetryStrategy = Extract<
  Exclude<EKSClientConfig['retryStrategy'], undefined>,
  { acquireInitialRetryToken: unknown }
>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

/**
 * Retry AWS requests after the delay that the caller chooses: none on a virtual clock.
 *
 * What is retried is the SDK's choice (throttling, server faults, broken connections).
 *
 * @param delayMilliseconds from the number of the attempt to come: 2 for the first retry
 */
export function createRetryStrategy(
  maxAttempts: number,
  delayMilliseconds: (attempt: number) => number,
): RetryStrategy {
  const token = (retries: number): RetryToken => ({
    getRetryCount: () => retries,
    getRetryDelay: () => (retries === 0 ? 0 : delayMilliseconds(retries + 1)),
  });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last, { errorType }) => {
      const attempt = last.getRetryCount() + 2;
      if (errorType === 'CLIENT_ERROR' || attempt > maxAttempts) throw new Error('no more retries');
      return token(last.getRetryCount() + 1);
    },
    recordSuccess: () => undefined,
  };
}
