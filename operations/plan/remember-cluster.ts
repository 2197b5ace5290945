import type { Cluster, Deps } from '../../clients/ports.ts';

/** Ask once and keep the answer, a refusal included. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** A port that reads once what concerns the whole cluster: its nodes, pods, budgets and DaemonSets, and our rights in it. */
function remembering(cluster: Cluster): Cluster {
  const rights = new Map<string, Promise<boolean>>();
  return {
    ...cluster,
    serverVersion: once(() => cluster.serverVersion()),
    listNodes: once(() => cluster.listNodes()),
    listPods: once(() => cluster.listPods()),
    listBudgets: once(() => cluster.listBudgets()),
    listDaemonSets: once(() => cluster.listDaemonSets()),
    may(access) {
      const key = JSON.stringify(access);
      const answer = rights.get(key) ?? cluster.may(access);
      rights.set(key, answer);
      return answer;
    },
  };
}

/** Read a cluster once, however many of its groups are surveyed, so that all of them see it at the same instant. */
export function rememberCluster(deps: Deps): Deps {
  const clusters = new Map<string, Promise<Cluster>>();
  return {
    ...deps,
    cluster(clusterName) {
      const found = clusters.get(clusterName) ?? deps.cluster(clusterName).then(remembering);
      clusters.set(clusterName, found);
      return found;
    },
  };
}
