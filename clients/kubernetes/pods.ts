import type { V1Pod, V1PodDisruptionBudget, V1PodList, V1Status } from '@kubernetes/client-node';
import type { Budget, Pod } from '../../domain/types.ts';
import type { Cluster } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { tryEviction } from './dry-run-eviction.ts';
import { toEvictionOutcome } from './eviction.ts';
import { requireKind } from './expected-kind.ts';
import { listAll } from './list.ts';
import { toBudget, toPod } from './objects.ts';
import { watchDepartures, watchUntilGone } from './pod-watch.ts';
import { core, deleteOptions, policy } from './request-factories.ts';

/** The API server tries for ten seconds to update a budget that others change as well, and then says so. */
const EVICTION_SECONDS = 12;

const onNode = (nodeName: string) => `spec.nodeName=${nodeName}`;

type Pods = Pick<
  Cluster,
  | 'listPodsOnNode'
  | 'listPods'
  | 'podsVersion'
  | 'watchDepartures'
  | 'waitForPodsGone'
  | 'listBudgets'
  | 'evict'
  | 'tryEviction'
  | 'deletePod'
>;

/** List, watch, evict and delete pods, and list their budgets. */
export function createPods(api: KubernetesApi): Pods {
  return {
    async listPodsOnNode(nodeName) {
      const { items, resourceVersion } = await listAll<V1Pod, Pod>(api, {
        request: () => core.listPodForAllNamespaces(),
        doing: `list pods on node ${nodeName}`,
        kind: 'PodList',
        fieldSelector: onNode(nodeName),
        convert: toPod,
      });
      return { pods: items, resourceVersion };
    },

    async listPods() {
      const request = () => core.listPodForAllNamespaces();
      const { items } = await listAll<V1Pod, Pod>(api, {
        request,
        doing: 'list pods',
        kind: 'PodList',
        convert: toPod,
      });
      return items;
    },

    async podsVersion() {
      const request = await core.listPodForAllNamespaces();
      request.setQueryParam('limit', '1');
      const { metadata } = await api.get<V1PodList>(Promise.resolve(request), {
        doing: 'list pods',
        kinds: ['PodList'],
      });
      return metadata?.resourceVersion ?? '';
    },

    watchDepartures: (watch) => watchDepartures(api, core.listPodForAllNamespaces(), watch),

    async waitForPodsGone(nodeName, wait) {
      const request = await core.listPodForAllNamespaces();
      request.setQueryParam('fieldSelector', onNode(nodeName));
      return watchUntilGone(api, Promise.resolve(request), wait);
    },

    async listBudgets() {
      const { items } = await listAll<V1PodDisruptionBudget, Budget>(api, {
        request: () => policy.listPodDisruptionBudgetForAllNamespaces(),
        doing: 'list poddisruptionbudgets',
        kind: 'PodDisruptionBudgetList',
        convert: toBudget,
      });
      return items;
    },

    async evict({ namespace, name, uid }) {
      const options = { doing: `create pods/eviction for ${namespace}/${name}`, timeoutSeconds: EVICTION_SECONDS };
      const eviction = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      };
      const answer = await api.ask<V1Status>(core.createNamespacedPodEviction(name, namespace, eviction), options);
      const body = answer.body as V1Status;
      if (answer.status < 300 && body.status !== 'Failure') requireKind(body, options.doing, 'Status');
      const outcome = toEvictionOutcome({ ...answer, body });
      if (outcome === undefined) throw api.refusal(answer, options);
      return outcome;
    },

    tryEviction: (pod) => tryEviction(api, pod),

    async deletePod({ namespace, name, uid }) {
      const request = await core.deleteNamespacedPod(name, namespace);
      request.setBody(deleteOptions({ uid }));
      const answer = await api.get<V1Status, 'absent'>(
        Promise.resolve(request),
        { doing: `delete pod ${namespace}/${name}`, kinds: ['Pod', 'Status'] },
        { 404: 'absent', 409: 'absent' },
      );
      return answer === 'absent' ? answer : 'deleted';
    },
  };
}
