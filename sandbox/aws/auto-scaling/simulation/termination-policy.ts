import type { Random } from '../../../world/random.ts';
import { isCounted, type LaunchSource, type Member } from '../state/group.ts';
import { countByZone } from './zones.ts';

/** What the termination policies consider besides the instances. */
export interface TerminationFacts {
  readonly zones: readonly string[];
  readonly source: LaunchSource;
  readonly policies: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
}

type Narrow = (candidates: readonly Member[], facts: TerminationFacts) => readonly Member[];

const HOUR_MS = 3_600_000;

const withLeast = (candidates: readonly Member[], measure: (member: Member) => number): readonly Member[] => {
  const least = Math.min(...candidates.map(measure));
  return candidates.filter((member) => measure(member) === least);
};

/** Those that pass a test; all of them when none passes. */
const preferring = (candidates: readonly Member[], test: (member: Member) => boolean): readonly Member[] => {
  const preferred = candidates.filter(test);
  return preferred.length > 0 ? preferred : candidates;
};

const templateIdsOf = (source: LaunchSource): ReadonlySet<string> =>
  new Set(
    source.kind === 'launch-configuration'
      ? []
      : [
          source.template.templateId,
          ...(source.kind === 'mixed-instances'
            ? source.overrides.flatMap(({ template }) => (template === undefined ? [] : [template.templateId]))
            : []),
        ],
  );

const oldestLaunchConfiguration: Narrow = (candidates) =>
  preferring(candidates, ({ launchConfigurationName }) => launchConfigurationName !== undefined);

const oldestLaunchTemplate: Narrow = (candidates, { source }) => {
  const current = templateIdsOf(source);
  const foreign = candidates.filter(
    ({ launchedTemplate }) => launchedTemplate !== undefined && !current.has(launchedTemplate.templateId),
  );
  return foreign.length > 0
    ? foreign
    : withLeast(candidates, ({ launchedTemplate }) => launchedTemplate?.versionNumber ?? 0);
};

const closestToNextInstanceHour: Narrow = (candidates, { now }) =>
  withLeast(candidates, ({ instance }) => HOUR_MS - ((now - instance.launchedAt) % HOUR_MS));

const policies: Readonly<Record<string, readonly Narrow[]>> = {
  Default: [oldestLaunchConfiguration, oldestLaunchTemplate, closestToNextInstanceHour],
  OldestLaunchConfiguration: [oldestLaunchConfiguration],
  OldestLaunchTemplate: [oldestLaunchTemplate],
  ClosestToNextInstanceHour: [closestToNextInstanceHour],
  OldestInstance: [(candidates) => withLeast(candidates, ({ instance }) => instance.launchedAt)],
  NewestInstance: [(candidates) => withLeast(candidates, ({ instance }) => -instance.launchedAt)],
  // With one allocation strategy for all instances there is nothing to choose by.
  AllocationStrategy: [],
};

/** Names that a group may list in `TerminationPolicies`. */
export const terminationPolicyNames = Object.keys(policies);

/**
 * Choose the instance that a scale-in ends. Pods, drains and busy nodes play no part: Auto Scaling does not see them.
 *
 * Zones come first: only the one with most instances (of those with an unprotected one) is considered. Then the
 * policies narrow the choice in order, and chance decides between those that are left.
 *
 * @returns undefined when every instance is protected from scale-in
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 */
export function selectForTermination(members: Iterable<Member>, facts: TerminationFacts): Member | undefined {
  const all = [...members];
  const counts = countByZone(facts.zones, all);
  let candidates: readonly Member[] = all.filter((member) => isCounted(member) && !member.isProtected);
  if (candidates.length === 0) return undefined;
  candidates = withLeast(candidates, ({ instance }) => -(counts.get(instance.availabilityZone) ?? 0));
  for (const policy of facts.policies) {
    for (const narrow of policies[policy] ?? []) candidates = narrow(candidates, facts);
  }
  return candidates[facts.random.integer(candidates.length)];
}
