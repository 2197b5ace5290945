const AGE_OF_CLUSTER_MS = 200 * 86_400_000;

/** When the clusters of a scenario, and what belongs to them, were created. */
export const clusterCreatedAt = (startedAt: number): number => startedAt - AGE_OF_CLUSTER_MS;
