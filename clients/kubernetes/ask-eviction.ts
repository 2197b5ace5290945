import type { V1Status } from '@kubernetes/client-node';
import { UpgradeError } from '../../domain/errors.ts';
import { boundedText } from '../../domain/text.ts';
import type { EvictionOutcome, Pod } from '../../domain/types.ts';
import type { KubernetesApi } from './api.ts';
import { RETRY_SECONDS, toEvictionOutcome } from './eviction.ts';
import { requireKind } from './expected-kind.ts';
import { core } from './request-factories.ts';

/** What is said of a request that had no answer, or none that says anything of the pod. @throws anything that is no such failure */
export function wordsOfFailure(thrown: unknown): string {
  if (!(thrown instanceof UpgradeError)) throw thrown;
  return boundedText(thrown.message);
}

/**
 * Ask for an eviction. Only a `Status` with success counts as accepted; what is no answer is asked again later.
 *
 * @param how.doing    for messages
 * @param how.isDryRun budgets are read, and admission webhooks and policies decide, but nothing is evicted. A webhook may let a
 * dry run through and refuse the real eviction
 */
export async function askEviction(
  api: KubernetesApi,
  { namespace, name, uid }: Pod,
  how: { doing: string; timeoutSeconds: number; isDryRun: boolean },
): Promise<EvictionOutcome> {
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid }, ...(how.isDryRun && { dryRun: ['All'] }) },
  };
  try {
    const answer = await api.ask<V1Status>(core.createNamespacedPodEviction(name, namespace, eviction), how);
    const body = answer.body as V1Status;
    if (answer.status < 300 && body.status !== 'Failure') requireKind(body, how.doing, 'Status');
    return toEvictionOutcome({ ...answer, body });
  } catch (thrown) {
    return { status: 'later', retryAfterSeconds: RETRY_SECONDS, message: wordsOfFailure(thrown) };
  }
}
