import pMap from 'p-map';
import type { ClusterStanding } from '../../domain/cluster/outdated.ts';
import { observeOutdated } from '../../operations/plan/observe-outdated.ts';
import { EXIT_CODES, notFound } from '../failure.ts';
import type { Command } from './command.ts';
import { isAllKnown, outdatedText } from './outdated-text.ts';

/** Clusters observed at the same time. */
const CLUSTERS_AT_ONCE = 4;

/** Outdated nodes decide the exit code, even when something else is unknown; that none is outdated is said only when all is known. */
function exitCodeOf(clusters: readonly ClusterStanding[]): number {
  const statuses = clusters.flatMap(({ groups }) => groups.map(({ status }) => status));
  if (statuses.includes('outdated')) return EXIT_CODES.outdated;
  return isAllKnown(clusters) ? EXIT_CODES.success : EXIT_CODES.unreachable;
}

export const outdated: Command = {
  name: 'outdated',
  summary: 'compare the nodes of a cluster, or of all clusters of a region, with the newest release',
  options: {
    cluster: {
      type: 'string',
      value: 'NAME',
      isRepeatable: true,
      description: 'EKS cluster; repeatable; default: all of the region',
    },
  },
  details:
    'It reads with your own rights, needs no deployed workflow, and changes nothing. A ? is a value that you are not allowed to read; the reason is below the table. Exit code 10 means that some nodes are outdated, 0 that none are, 3 that none was found but not everything could be compared.',
  examples: [
    'outdated',
    'outdated --cluster shop',
    'outdated --json | jq \'.[].groups[] | select(.status == "outdated")\'',
  ],
  async run(context) {
    const { options, stdout } = context;
    const reader = await context.reader();
    const wanted = options.texts('cluster');
    const names = wanted.length > 0 ? [...new Set(wanted)] : await reader.listClusters();
    const clusters = await pMap(names, (name) => observeOutdated(reader.deps, name), { concurrency: CLUSTERS_AT_ONCE });
    const errors = clusters.flatMap(({ clusterName, error }) =>
      error === undefined ? [] : [`${clusterName}: ${error}`],
    );
    const hasNothingToShow = errors.length > 0 && errors.length === clusters.length;
    if (hasNothingToShow && !options.flag('json')) throw notFound(errors.join('; '));
    const lines = options.flag('json') ? [JSON.stringify(clusters, null, 2)] : outdatedText(clusters);
    stdout.write(`${lines.join('\n')}\n`);
    return exitCodeOf(clusters);
  },
};
