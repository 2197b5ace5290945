/** A Deployment whose budget never allows the eviction of its only pod. */
export const BLOCKING_WORKLOAD = {
  kind: 'Deployment',
  name: 'api',
  namespace: 'shop',
  replicas: 1,
  budget: { minAvailable: 1 },
} as const;

/** One pod a node, none of which may go, unless by force. */
export const BLOCKING_EVERYWHERE = {
  kind: 'Deployment',
  name: 'ledger',
  namespace: 'shop',
  replicas: 6,
  spread: 'host',
  budget: { maxUnavailable: 0 },
} as const;

/** One pod a node, which takes three minutes to stop, so that nodes are in hand for a while. */
export const SLOW_WORKLOAD = {
  kind: 'Deployment',
  name: 'slow',
  namespace: 'shop',
  replicas: 6,
  spread: 'host',
  terminationGracePeriodSeconds: 180,
  terminationSeconds: 170,
} as const;
