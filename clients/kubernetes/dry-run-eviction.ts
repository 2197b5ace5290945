import type { V1Status } from '@kubernetes/client-node';
import { UpgradeError } from '../../domain/errors.ts';
import { boundedText } from '../../domain/text.ts';
import type { EvictionOutcome, Pod } from '../../domain/types.ts';
import type { KubernetesApi } from './api.ts';
import { RETRY_SECONDS, toEvictionOutcome } from './eviction.ts';
import { core } from './request-factories.ts';

const TIMEOUT_SECONDS = 12;

/**
 * Ask what would come of an eviction, without it: budgets are read, admission webhooks and policies decide, nothing is evicted.
 * A webhook may let a dry run through and refuse the real eviction.
 */
export async function tryEviction(api: KubernetesApi, { namespace, name, uid }: Pod): Promise<EvictionOutcome> {
  const options = { doing: `try the eviction of ${namespace}/${name}`, timeoutSeconds: TIMEOUT_SECONDS };
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid }, dryRun: ['All'] },
  };
  try {
    const answer = await api.ask<V1Status>(core.createNamespacedPodEviction(name, namespace, eviction), options);
    return toEvictionOutcome({ ...answer, body: answer.body as V1Status });
  } catch (thrown) {
    if (!(thrown instanceof UpgradeError)) throw thrown;
    return { status: 'later', retryAfterSeconds: RETRY_SECONDS, message: boundedText(thrown.message) };
  }
}
