import type { Cluster, Deps } from '../../clients/ports.ts';
import { ClusterUnreachable, Unauthorized } from '../../domain/errors.ts';

/** Whether somebody who asks again may get another answer: access and connections come back within seconds. */
const mayPass = (thrown: unknown): boolean => thrown instanceof Unauthorized || thrown instanceof ClusterUnreachable;

/** Ask once and keep the answer, a refusal included unless it may pass. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return async () => {
    answer ??= ask();
    try {
      return await answer;
    } catch (thrown) {
      if (mayPass(thrown)) answer = undefined;
      throw thrown;
    }
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
