import type { KubernetesVersion } from '../state/cluster-versions.ts';

/** Statuses in both spellings: the one with dashes is the older, of a member that EKS calls deprecated. */
const olderSpellings = {
  STANDARD_SUPPORT: 'standard-support',
  EXTENDED_SUPPORT: 'extended-support',
  UNSUPPORTED: 'unsupported',
} as const;

/** A Kubernetes version as DescribeClusterVersions shows it. */
export const clusterVersionShape = (known: KubernetesVersion) => ({
  clusterVersion: known.version,
  clusterType: 'eks',
  defaultPlatformVersion: 'eks.1',
  defaultVersion: known.isDefault,
  releaseDate: known.releasedAt,
  endOfStandardSupportDate: known.standardSupportEndsAt,
  endOfExtendedSupportDate: known.extendedSupportEndsAt,
  status: olderSpellings[known.support],
  versionStatus: known.support,
  kubernetesPatchVersion: known.patchVersion,
});
