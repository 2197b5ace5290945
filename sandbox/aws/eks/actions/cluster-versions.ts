import { boolean, choice, list, string } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { minorOf } from '../state/releases.ts';
import { invalidToken, paging } from './pages.ts';

/**
 * When EKS released each version, and until when it supports it: standard, then extended.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
 */
const calendar: Readonly<Record<string, readonly [released: string, standardEnds: string, extendedEnds: string]>> = {
  '1.28': ['2023-09-26', '2024-11-26', '2025-11-26'],
  '1.29': ['2024-01-23', '2025-03-23', '2026-03-23'],
  '1.30': ['2024-05-23', '2025-07-23', '2026-07-23'],
  '1.31': ['2024-09-26', '2025-11-26', '2026-11-26'],
  '1.32': ['2025-01-23', '2026-03-23', '2027-03-23'],
  '1.33': ['2025-05-29', '2026-07-29', '2027-07-29'],
  '1.34': ['2025-10-02', '2026-12-02', '2027-12-02'],
  '1.35': ['2026-01-27', '2027-03-27', '2028-03-27'],
};

const instantOf = (date: string | undefined) => (date === undefined ? undefined : new Date(`${date}T00:00:00Z`));

/** Statuses in both spellings: the one with dashes is the older, of a member that EKS calls deprecated. */
const spellings = {
  STANDARD_SUPPORT: 'standard-support',
  EXTENDED_SUPPORT: 'extended-support',
  UNSUPPORTED: 'unsupported',
} as const;

/** The Kubernetes versions that there are: those of clusters and AMIs. */
export const clusterVersionActions = ({ scenario, images, clock }: RegionState): Readonly<Record<string, Action>> => {
  const known = [
    ...new Set([
      ...scenario.clusters.map(({ version }) => version),
      ...[...images.values()].map(({ kubernetesVersion }) => kubernetesVersion),
    ]),
  ].sort((left, right) => minorOf(right) - minorOf(left));

  /** The newest patch that an AMI has; `0` where the AMIs do not tell. */
  const patchOf = (version: string): string => {
    const patches = [...images.values()].flatMap(({ releaseVersion = '' }) => {
      const [kubernetes = ''] = releaseVersion.split('-');
      return kubernetes.startsWith(`${version}.`) ? [Number(kubernetes.slice(version.length + 1))] : [];
    });
    return `${version}.${Math.max(0, ...patches)}`;
  };

  const informationOn = (clusterVersion: string) => {
    const [released, standardEnds, extendedEnds] = calendar[clusterVersion] ?? [];
    const isPast = (date: string | undefined) => (instantOf(date)?.getTime() ?? Number.POSITIVE_INFINITY) < clock.now();
    const versionStatus = isPast(extendedEnds)
      ? 'UNSUPPORTED'
      : isPast(standardEnds)
        ? 'EXTENDED_SUPPORT'
        : 'STANDARD_SUPPORT';
    return {
      clusterVersion,
      clusterType: 'eks',
      defaultPlatformVersion: 'eks.1',
      defaultVersion: clusterVersion === known[0],
      releaseDate: instantOf(released),
      endOfStandardSupportDate: instantOf(standardEnds),
      endOfExtendedSupportDate: instantOf(extendedEnds),
      status: spellings[versionStatus],
      versionStatus,
      kubernetesPatchVersion: patchOf(clusterVersion),
    } as const;
  };

  return {
    DescribeClusterVersions: action(
      {
        clusterType: string,
        defaultOnly: boolean,
        includeAll: boolean,
        clusterVersions: list(string),
        status: choice('unsupported', 'standard-support', 'extended-support'),
        versionStatus: choice('UNSUPPORTED', 'STANDARD_SUPPORT', 'EXTENDED_SUPPORT'),
        ...paging,
      },
      ({
        clusterType,
        defaultOnly,
        includeAll,
        clusterVersions,
        status,
        versionStatus,
        maxResults = 100,
        nextToken,
      }) => {
        const isNamed = (version: string) => clusterVersions === undefined || clusterVersions.includes(version);
        const asked = status !== undefined || versionStatus !== undefined || clusterVersions !== undefined;
        const found = known
          .map(informationOn)
          .filter(
            (version) =>
              isNamed(version.clusterVersion) &&
              (clusterType === undefined || clusterType === version.clusterType) &&
              (defaultOnly !== true || version.defaultVersion) &&
              (status === undefined || status === version.status) &&
              (versionStatus === undefined || versionStatus === version.versionStatus) &&
              (asked || includeAll === true || version.versionStatus !== 'UNSUPPORTED'),
          );
        const keyOf = ({ clusterVersion }: (typeof found)[number]) => clusterVersion;
        const page = pageOf(found, keyOf, { token: nextToken, size: maxResults }, invalidToken);
        return { clusterVersions: page.items, nextToken: page.nextToken };
      },
    ),
  };
};
