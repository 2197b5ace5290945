import type { ClusterStanding, GroupStanding } from '../../domain/cluster/outdated.ts';
import { podName } from '../../domain/drain/pods.ts';
import { plural } from '../../domain/text.ts';
import { columns } from '../display/cells.ts';

const HEADING = [
  'CLUSTER',
  'GROUP',
  'KUBERNETES',
  'CURRENT',
  'NEWEST',
  'DAYS BEHIND',
  'OUTDATED',
  'ENGINE',
  'BLOCKING PODS',
];

const UNKNOWN = '?';

const shown = (value: string | number | undefined): string => (value === undefined ? UNKNOWN : String(value));

function rowOf(cluster: ClusterStanding, group: GroupStanding): string[] {
  const { nodes, status } = group;
  const own = shown(group.kubernetesVersion);
  const isBehind = group.kubernetesVersion !== undefined && group.kubernetesVersion !== cluster.kubernetesVersion;
  return [
    cluster.clusterName,
    group.name,
    isBehind ? `${own} (cluster ${cluster.kubernetesVersion})` : own,
    shown(group.currentRelease ?? group.currentAmiId),
    shown(group.newestRelease ?? group.newestAmiId),
    status === 'current' ? '0' : shown(group.daysBehind),
    nodes.outdated === undefined ? `${UNKNOWN} of ${nodes.total}` : `${nodes.outdated} of ${nodes.total}`,
    group.engine,
    status === 'current' ? '0' : shown(group.blockingPodCount),
  ];
}

/** Nodes that are not upgraded here are in the table as well: readers would take a missing node for a current one. */
const outOfScopeRows = ({ clusterName, outOfScope }: ClusterStanding): string[][] =>
  outOfScope.map(({ name, nodes, kind }) => [
    clusterName,
    name,
    '-',
    '-',
    '-',
    '-',
    plural(nodes, 'node'),
    kind === 'unknown' ? 'nobody' : kind,
    'out of scope',
  ]);

/** A cluster that could not be read has a row beside others, so that readers miss none. */
const rowsOf = (cluster: ClusterStanding): string[][] =>
  cluster.error === undefined
    ? [...cluster.groups.map((group) => rowOf(cluster, group)), ...outOfScopeRows(cluster)]
    : [[cluster.clusterName, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]];

const MOST_NAMED = 5;

function plannedBlockingPodsOf({ blockingPods = [], blockingPodCount = 0 }: GroupStanding): string | undefined {
  if (blockingPodCount === 0) return undefined;
  const named = blockingPods.slice(0, MOST_NAMED).map((pod) => `${podName(pod)} (${pod.detail})`);
  const more = blockingPodCount - named.length;
  return `would block a drain: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What has no place in the table: why something is unknown, what would block a drain, who replaces the other nodes. */
const notesOf = ({ clusterName, error, unreachable, groups, outOfScope }: ClusterStanding): string[] => [
  ...(error === undefined ? [] : [`${clusterName}: ${error}`]),
  ...(unreachable === undefined ? [] : [`${clusterName}: pods cannot be read: ${unreachable}`]),
  ...groups.flatMap((group) =>
    [group.reason, plannedBlockingPodsOf(group)]
      .filter((note) => note !== undefined)
      .map((note) => `${clusterName} / ${group.name}: ${note}`),
  ),
  ...outOfScope.map(({ name, reason }) => `${clusterName} / ${name}: ${reason}`),
];

/** Whether every group could be compared: a region without clusters leaves it open. */
export const isAllKnown = (clusters: readonly ClusterStanding[]): boolean =>
  clusters.length > 0 &&
  clusters.every(({ error, groups }) => error === undefined && groups.every(({ status }) => status !== 'unknown'));

/** The one sentence about all of them. */
function summaryOf(clusters: readonly ClusterStanding[]): string {
  const groups = clusters.flatMap((cluster) => cluster.groups);
  const outdated = groups.filter(({ status }) => status === 'outdated');
  if (outdated.length === 0) {
    if (clusters.length === 0) return 'No cluster was found, so nothing was compared.';
    return isAllKnown(clusters)
      ? 'No outdated node was found.'
      : 'No outdated node was found, but not everything could be compared.';
  }
  const nodes = outdated.reduce((sum, group) => sum + (group.nodes.outdated ?? 0), 0);
  return `${plural(nodes, 'node')} of ${plural(outdated.length, 'group')} ${nodes === 1 ? 'is' : 'are'} outdated.`;
}

/** Clusters for people, in lines. */
export function outdatedText(clusters: readonly ClusterStanding[]): string[] {
  const rows = clusters.flatMap(rowsOf);
  const notes = clusters.flatMap(notesOf);
  return [
    ...(rows.length === 0 ? [] : [...columns([HEADING, ...rows]), '']),
    summaryOf(clusters),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)]),
  ];
}
