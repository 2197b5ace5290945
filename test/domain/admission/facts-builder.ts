import type { AdmissionFacts } from '../../../domain/admission/admit.ts';
import { type Observation, outdatedMembers } from '../../../domain/admission/observation.ts';
import type { Accounts, Parked } from '../../../domain/admission/record.ts';
import type { GroupNode } from '../../../domain/nodegroup/nodegroup.ts';
import { aGroupNode, aRun, EXECUTION_ARN, NOW_AT, ZONES } from '../builders.ts';
import { accountsWith } from './entry-builders.ts';

/** Members `i-<first>` and so on, spread over the zones. */
export const someMembers = (count: number, overrides: Partial<GroupNode> = {}, first = 0): GroupNode[] =>
  Array.from({ length: count }, (_, index) =>
    aGroupNode({ instanceId: `i-${first + index}`, zone: ZONES[index % ZONES.length] as string, ...overrides }),
  );

/** An observation of these members, with the desired capacity they make up. */
export function seenOf(members: readonly GroupNode[], overrides: Partial<Observation> = {}): Observation {
  const nodes = members.flatMap(({ instanceId, node }) => (node === undefined ? [] : [[instanceId, node] as const]));
  return {
    at: NOW_AT,
    nodesAt: NOW_AT,
    sizes: { minSize: 0, maxSize: 99, desiredCapacity: members.length },
    members,
    nodes: new Map(nodes),
    ...overrides,
  };
}

/** A node that was blocked once. */
export const parkedNode = (instanceId: string, overrides: Partial<Parked> = {}): Parked => ({
  instanceId,
  tries: 1,
  since: NOW_AT,
  until: NOW_AT,
  error: 'PodEvictionFailure',
  reason: 'budget shop/checkout allows none',
  budgets: [],
  ...overrides,
});

/** Three outdated nodes, one in each zone, and three new ones: one outdated node may be taken. */
export function someFacts(
  overrides: Partial<AdmissionFacts> = {},
  accountsPart: Partial<Accounts> = {},
): AdmissionFacts {
  const { run = aRun(), seen = seenOf([...someMembers(3), ...someMembers(3, { isOutdated: false }, 3)]) } = overrides;
  const accounts = { ...accountsWith([]), ...accountsPart };
  return {
    run,
    holder: EXECUTION_ARN,
    orders: {},
    accounts,
    seen,
    outdated: outdatedMembers(seen, accounts, run),
    inHand: accounts.entries.filter(({ state }) => state === 'inHand').length,
    draining: [],
    alarms: [],
    isRefreshed: false,
    budgets: [],
    demands: new Map(),
    nowAt: NOW_AT,
    ...overrides,
  };
}
