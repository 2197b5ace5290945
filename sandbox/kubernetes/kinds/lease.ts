import type { KubernetesObject } from '../objects.ts';

export interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
    readonly [field: string]: unknown;
  };
}
