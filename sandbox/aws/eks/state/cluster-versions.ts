import type { RegionState } from '../../region-state.ts';
import { minorOf } from './releases.ts';

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

const instantOf = (date: string) => new Date(`${date}T00:00:00Z`);

/** A Kubernetes version, as EKS describes it. */
export interface KubernetesVersion {
  readonly version: string;
  /** The newest patch that an AMI has; `.0` where no AMI has one. */
  readonly patchVersion: string;
  readonly isDefault: boolean;
  readonly support: 'STANDARD_SUPPORT' | 'EXTENDED_SUPPORT' | 'UNSUPPORTED';
  readonly releasedAt: Date | undefined;
  readonly standardSupportEndsAt: Date | undefined;
  readonly extendedSupportEndsAt: Date | undefined;
}

const patchVersionOf = (images: RegionState['images'], version: string): string => {
  const patches = [...images.values()].flatMap(({ releaseVersion = '' }) => {
    const [kubernetes = ''] = releaseVersion.split('-');
    return kubernetes.startsWith(`${version}.`) ? [Number(kubernetes.slice(version.length + 1))] : [];
  });
  return `${version}.${Math.max(0, ...patches)}`;
};

/** List the Kubernetes versions that there are, newest first: those of clusters and AMIs. */
export function kubernetesVersions({ scenario, images, clock }: RegionState): KubernetesVersion[] {
  const versions = new Set([
    ...scenario.clusters.map(({ version }) => version),
    ...[...images.values()].map(({ kubernetesVersion }) => kubernetesVersion),
  ]);
  const newestFirst = [...versions].sort((left, right) => minorOf(right) - minorOf(left));
  const isPast = (instant: Date | undefined) => instant !== undefined && instant.getTime() < clock.now();
  return newestFirst.map((version) => {
    const [releasedAt, standardSupportEndsAt, extendedSupportEndsAt] = (calendar[version] ?? []).map(instantOf);
    const isExtended = isPast(standardSupportEndsAt);
    return {
      version,
      patchVersion: patchVersionOf(images, version),
      isDefault: version === newestFirst[0],
      support: isPast(extendedSupportEndsAt) ? 'UNSUPPORTED' : isExtended ? 'EXTENDED_SUPPORT' : 'STANDARD_SUPPORT',
      releasedAt,
      standardSupportEndsAt,
      extendedSupportEndsAt,
    };
  });
}
