import type { Pod } from '../kinds/pod.ts';

/**
 * Let admission webhooks and policies decide about the eviction of a pod.
 *
 * @throws ApiFailure when one of them refuses, or cannot be asked
 */
export type AdmitEviction = (pod: Pod, isDryRun: boolean) => Promise<void>;
