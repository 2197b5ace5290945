import type { V1Pod, V1PodDisruptionBudget, V1PodList, V1Status } from '@kubernetes/client-node';
import type { Budget, DeletionOutcome, Pod } from '../../domain/types.ts';
import type { Cluster } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { askEviction, wordsOfFailure } from './ask-eviction.ts';
import { isDenied, wordsOf } from './eviction.ts';
import { requireKind } from './expected-kind.ts';
import { listAll } from './list.ts';
import { toBudget, toPod } from './objects.ts';
import { watchDepartures, watchUntilGone } from './pod-watch.ts';
import { core, deleteOptions, policy } from './request-factories.ts';

/**
 * The API server waits up to 30 seconds for a webhook, and tries for ten to update a budget that others change as well; then it
 * says so.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
 */
const EVICTION_SECONDS = 34;
/** The plan tries many, and has 20 seconds for all of them. */
const DRY_RUN_SECONDS = 12;

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

    evict(pod) {
      const doing = `create pods/eviction for ${pod.namespace}/${pod.name}`;
      return askEviction(api, pod, { doing, timeoutSeconds: EVICTION_SECONDS, isDryRun: false });
    },

    tryEviction(pod) {
      const doing = `try the eviction of ${pod.namespace}/${pod.name}`;
      return askEviction(api, pod, { doing, timeoutSeconds: DRY_RUN_SECONDS, isDryRun: true });
    },

    async deletePod({ namespace, name, uid }): Promise<DeletionOutcome> {
      const request = await core.deleteNamespacedPod(name, namespace);
      request.setBody(deleteOptions({ uid }));
      const doing = `delete pod ${namespace}/${name}`;
      try {
        const answer = await api.ask<V1Status>(Promise.resolve(request), { doing });
        const body = answer.body as V1Status;
        if (answer.status >= 300 && isDenied(body)) return { refused: wordsOf(body) };
        if (answer.status === 404 || answer.status === 409) return 'absent';
        if (answer.status >= 300) throw api.refusal(answer, { doing });
        requireKind(body, doing, 'Pod', 'Status');
        return 'deleted';
      } catch (thrown) {
        return { refused: wordsOfFailure(thrown) };
      }
    },
  };
}
