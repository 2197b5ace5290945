import type { BlockingPod } from '../../domain/state.ts';

export const START = Date.parse('2026-01-20T10:15:00.000Z');
export const ACCOUNT = 'arn:aws:states:eu-central-1:111122223333';
export const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
const WORKLOADS = ['checkout', 'catalog', 'payments', 'search', 'sessions', 'mailer', 'ledger'];

export interface NodeFacts {
  readonly index: number;
  readonly instanceId: string;
  readonly nodeName: string;
  readonly zone: string;
  readonly pods: number;
}

export const factsOf = (index: number): NodeFacts => {
  // Spread, but the same on every run: Knuth's multiplicative hash.
  const mixed = Math.imul(index + 1, 2654435761) >>> 0;
  return {
    index,
    instanceId: `i-0${mixed.toString(16).padStart(8, '0')}${(index + 4096).toString(16).padStart(8, '0')}`,
    nodeName: `ip-10-${index % 3}-${(mixed >>> 8) % 200}-${(index % 250) + 4}.eu-central-1.compute.internal`,
    zone: ZONES[index % 3] ?? '',
    pods: 6 + (mixed % 9),
  };
};

export const podName = (node: number, pod: number): string =>
  `shop/${WORKLOADS[(node + pod) % WORKLOADS.length]}-7c9d8b6f5-${(node * 31 + pod * 7 + 4096).toString(36)}`;

export function blockingPod(sinceAt: number, name = 'ledger-0'): BlockingPod {
  return {
    namespace: 'shop',
    name,
    owner: 'StatefulSet ledger',
    reason: 'budget',
    detail:
      'PodDisruptionBudget shop/ledger allows 0 disruptions: 2 of 3 pods are Ready and 3 are needed (maxUnavailable 0).',
    advice: 'Set maxUnavailable of shop/ledger to at least 1, or make its unready pods Ready.',
    budget: 'shop/ledger',
    sinceAt: new Date(sinceAt).toISOString(),
  };
}
