import { bytesOf, SHARES, withinBytes } from '../bounded-lists.ts';
import { ERROR_CLASSES, InvalidInput } from '../errors.ts';
import { plural, truncate } from '../text.ts';
import type { ClusterPlan, NodegroupPlan, OutOfScope } from './cluster.ts';
import { type ClusterFacts, groupPlansOf, isRefused, type RefusedGroup } from './group-plans.ts';
import { MOST_NODEGROUPS } from './input.ts';
import { nodesOutOfScope } from './out-of-scope.ts';

const MOST_CHARACTERS = 240;
const MOST_WARNING_CHARACTERS = 1000;
/** Names stand in the input, the plan, the selection, the ends and the summary. */
const MOST_BYTES_OF_NAMES = 32 * 1024;

const short = (text: string): string => truncate(text, MOST_CHARACTERS);

/**
 * Decide whether a group is out of scope, like nodes of Karpenter: found because the input says "all", and either of a kind
 * that cannot be upgraded or on an AMI that AWS did not publish.
 */
const isOutOfScope = ({ request }: ClusterFacts, { refusal }: RefusedGroup): boolean =>
  request.input.nodegroups === 'all' && (refusal.error === 'UnsupportedNodegroup' || refusal.hasUnpublishedAmi);

/** Groups at a time, one selection after another: each takes as long as its slowest group. */
function durationOf(groups: readonly NodegroupPlan[], atOnce: number): number {
  const outdated = groups.filter(({ status }) => status === 'outdated');
  let seconds = 0;
  for (let first = 0; first < outdated.length; first += atOnce) {
    seconds += Math.max(...outdated.slice(first, first + atOnce).map(({ durationSeconds }) => durationSeconds));
  }
  return seconds;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function summaryOf(clusterName: string, groups: readonly NodegroupPlan[], outOfScope: number, seconds: number): string {
  const outdated = groups.filter(({ status }) => status === 'outdated');
  const refused = groups.filter(({ status }) => status === 'refused');
  const notes = [
    ...(refused.length > 0 ? [`${plural(refused.length, 'group')} cannot be upgraded as asked`] : []),
    ...(outOfScope > 0 ? [`${outOfScope} out of scope`] : []),
  ].map((note) => `; ${note}`);
  const rest = notes.join('');
  if (groups.length === 0) return `${clusterName} has no node group to upgrade: nothing was changed${rest}`;
  if (outdated.length === 0 && refused.length === 0) {
    return `${groups.length === 1 ? 'the only node group' : `all ${groups.length} node groups`} of ${clusterName} run the target already: nothing was changed${rest}`;
  }
  const nodes = sum(outdated.map((group) => group.nodes.outdated));
  const blockingPodCount = sum(outdated.map(({ blockingPodCount }) => blockingPodCount));
  const blocking = blockingPodCount === 0 ? '' : `; ${plural(blockingPodCount, 'pod')} may block a drain`;
  const time = outdated.length === 0 ? '' : `, about ${plural(Math.max(1, Math.round(seconds / 60)), 'minute')}`;
  return `${outdated.length} of ${plural(groups.length, 'node group')} of ${clusterName} are outdated, with ${plural(nodes, 'node')}${time}${blocking}${rest}`;
}

/** Warn of settings that are not passed on, once for all groups. */
function warningsOf(groups: readonly NodegroupPlan[]): string[] {
  const without = groups.filter(({ settingsNotPassedOn }) => settingsNotPassedOn.length > 0);
  if (without.length === 0) return [];
  const settings = without[0]?.settingsNotPassedOn.join(', ');
  const names = without.map(({ name }) => name).join(', ');
  return [
    `not passed on to ${names}: ${settings}; EKS uses the node group's own update configuration and its own timeouts`,
  ];
}

/**
 * Refuse a run that would stop at a refused group, before it begins. The plan of a dry run, or of a run that goes on after
 * failures, lists the group instead.
 */
function checkRefusals({ request: { input } }: ClusterFacts, refused: readonly RefusedGroup[]): void {
  const [first] = refused;
  if (first === undefined || input.dryRun || input.onNodegroupFailure === 'continue') return;
  const others = refused.length - 1;
  const more = others === 0 ? '' : `, nor can ${plural(others, 'more group')}`;
  throw new ERROR_CLASSES[first.refusal.error](
    `node group ${first.name} cannot be upgraded${more}: ${first.refusal.reason} (nothing was changed; to upgrade the others, name them in "nodegroups", or set {"onNodegroupFailure": "continue"})`,
  );
}

/** Refuse names that take more room than the state of an execution has. @throws {InvalidInput} */
function checkNames({ groups, cluster }: ClusterFacts): void {
  const bytes = bytesOf(groups.map(({ name }) => name));
  if (bytes <= MOST_BYTES_OF_NAMES) return;
  throw new InvalidInput(
    `the names of the ${groups.length} node groups of cluster ${cluster.name} take ${bytes} bytes, and one run has room for ${MOST_BYTES_OF_NAMES}: name some of them in "nodegroups"`,
  );
}

/**
 * Make the plan of a cluster from the plans of its groups.
 *
 * @throws {InvalidInput} for more groups than one run takes
 * @throws the refusal of a group, when the run is to stop at the first failure
 */
export function makeClusterPlan(facts: ClusterFacts): ClusterPlan {
  const { request, cluster } = facts;
  const { input, settings, executionArn, executionName, startedAt } = request;
  if (facts.groups.length > MOST_NODEGROUPS) {
    throw new InvalidInput(
      `cluster ${cluster.name} has ${facts.groups.length} node groups, and one run takes ${MOST_NODEGROUPS}: name some in "nodegroups"`,
    );
  }
  const unsupported = facts.groups.filter(isRefused).filter((group) => isOutOfScope(facts, group));
  const inScope = facts.groups.filter((group) => !unsupported.some(({ name }) => name === group.name));
  checkRefusals(facts, inScope.filter(isRefused));
  checkNames(facts);
  const groups = groupPlansOf(facts, inScope);
  const outOfScope: OutOfScope[] = [
    ...unsupported.map(({ name, instances, refusal }) => ({
      kind: 'unsupported' as const,
      name,
      nodes: instances,
      reason: short(refusal.reason),
    })),
    ...nodesOutOfScope(facts),
  ];
  const durationSeconds = durationOf(groups, input.maxParallelNodegroups);
  return {
    status: groups.every(({ status }) => status === 'onTarget') ? 'nothingToDo' : 'planned',
    isDryRun: input.dryRun,
    summary: summaryOf(cluster.name, groups, outOfScope.length, durationSeconds),
    run: {
      executionArn,
      executionName,
      startedAt,
      clusterName: cluster.name,
      maxParallelNodegroups: input.maxParallelNodegroups,
      onNodegroupFailure: input.onNodegroupFailure,
      settings,
    },
    kubernetesVersion: cluster.version,
    groups,
    outOfScope: withinBytes(outOfScope, SHARES.warnings),
    durationSeconds,
    warnings: warningsOf(groups).map((text) => truncate(text, MOST_WARNING_CHARACTERS)),
  };
}
