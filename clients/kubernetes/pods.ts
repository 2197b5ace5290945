import type { V1Pod, V1PodDisruptionBudget, V1PodList, V1Status } from '@kubernetes/client-node';
import { UpgradeError } from '../../domain/errors.ts';
import { boundedText } from '../../domain/text.ts';
import type { Budget, DeletionOutcome, EvictionOutcome, Pod } from '../../domain/types.ts';
import type { Cluster } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { tryEviction } from './dry-run-eviction.ts';
import { isDenied, RETRY_SECONDS, toEvictionOutcome, wordsOf } from './eviction.ts';
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

/** What is said of a request that had no answer, or none that says anything of the pod. @throws anything that is no such failure */
function wordsOfFailure(thrown: unknown): string {
  if (!(thrown instanceof UpgradeError)) throw thrown;
  return boundedText(thrown.message);
}

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

    async evict({ namespace, name, uid }): Promise<EvictionOutcome> {
      const options = { doing: `create pods/eviction for ${namespace}/${name}`, timeoutSeconds: EVICTION_SECONDS };
      const eviction = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      };
      try {
        const answer = await api.ask<V1Status>(core.createNamespacedPodEviction(name, namespace, eviction), options);
        const body = answer.body as V1Status;
        if (answer.status < 300 && body.status !== 'Failure') requireKind(body, options.doing, 'Status');
        return toEvictionOutcome({ ...answer, body });
      } catch (thrown) {
        return { status: 'later', retryAfterSeconds: RETRY_SECONDS, message: wordsOfFailure(thrown) };
      }
    },

    tryEviction: (pod) => tryEviction(api, pod),

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
