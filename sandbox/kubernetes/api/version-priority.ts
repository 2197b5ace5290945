const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STAGES = ['alpha', 'beta', undefined];

/** Rank of a version: how stable, then how new; versions of other forms come last. */
function rankOf(version: string): readonly [stage: number, major: number, minor: number] {
  const match = VERSION.exec(version);
  return match === null ? [-1, 0, 0] : [STAGES.indexOf(match[2]), Number(match[1]), Number(match[3] ?? 0)];
}

/**
 * Order versions as a server prefers them: v2, v1, v1beta1, v1alpha1.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function byPriority(left: string, right: string): number {
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)];
  for (const [index, value] of leftRank.entries()) {
    const difference = (rightRank[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : 1;
}
