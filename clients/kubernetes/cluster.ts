import type {
  V1Lease,
  V1Node,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodList,
  V1SelfSubjectAccessReview,
  V1Status,
  V1VolumeAttachment,
  VersionInfo,
} from '@kubernetes/client-node';
import { AuthorizationV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/AuthorizationV1Api.js';
import { CoordinationV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/CoordinationV1Api.js';
import { CoreV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/CoreV1Api.js';
import { PolicyV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/PolicyV1Api.js';
import { StorageV1ApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/StorageV1Api.js';
import { VersionApiRequestFactory } from '@kubernetes/client-node/dist/gen/apis/VersionApi.js';
import type { Configuration } from '@kubernetes/client-node/dist/gen/configuration.js';
import { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';
import { Conflict } from '../../domain/errors.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Lease } from '../../domain/types.ts';
import type { Clock, Cluster, NodePatch } from '../ports.ts';
import { ANY_HOST, createKubernetesApi } from './api.ts';
import { createEventRecorder } from './events.ts';
import { toEvictionOutcome } from './eviction.ts';
import { listAll } from './list.ts';
import { toBudget, toLease, toNode, toPod } from './objects.ts';
import type { KubernetesTransport } from './transport.ts';
import { watchDepartures, watchUntilGone } from './watch.ts';

const MERGE_PATCH = 'application/merge-patch+json';
/** The API server tries for ten seconds to take a disruption from a budget that others change, and then says so. */
const EVICTION_SECONDS = 12;

/** client-node's way to describe requests, without its way to send them. */
const REQUESTS_ONLY: Configuration = {
  baseServer: new ServerConfiguration(ANY_HOST, {}),
  httpApi: {
    send: () => {
      throw new Error('requests travel over the transport');
    },
  },
  middleware: [],
  authMethods: {},
};

const toMergePatch = ({ labels, annotations, taints, unschedulable, resourceVersion }: NodePatch) => ({
  metadata: omitUndefined({ labels, annotations, resourceVersion }),
  spec: omitUndefined({ taints, unschedulable }),
});

const deleteOptions = (preconditions: { uid: string } | { resourceVersion: string }) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });

const withLabels = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

const onNode = (nodeName: string) => `spec.nodeName=${nodeName}`;

/**
 * Reach one cluster's Kubernetes API.
 *
 * client-node's generated request factories name paths, parameters and bodies; `transport` carries them; answers are read as
 * the JSON they are (see `listAll` for the figures). client-node's own HTTP library and its deserialiser stay out of it.
 *
 * @param clock,random make the names of Events, which the API server does not
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
export function createCluster({
  transport,
  clock,
  random,
}: {
  transport: KubernetesTransport;
  clock: Pick<Clock, 'now'>;
  random: () => number;
}): Cluster {
  const api = createKubernetesApi(transport);
  const core = new CoreV1ApiRequestFactory(REQUESTS_ONLY);
  const policy = new PolicyV1ApiRequestFactory(REQUESTS_ONLY);
  const storage = new StorageV1ApiRequestFactory(REQUESTS_ONLY);
  const coordination = new CoordinationV1ApiRequestFactory(REQUESTS_ONLY);
  const authorization = new AuthorizationV1ApiRequestFactory(REQUESTS_ONLY);
  const version = new VersionApiRequestFactory(REQUESTS_ONLY);

  const leaseObject = (namespace: string, { name, holder, annotations }: Omit<Lease, 'resourceVersion'>) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, annotations: { ...annotations } } as NonNullable<V1Lease['metadata']>,
    spec: omitUndefined({ holderIdentity: holder }),
  });

  return {
    async listNodes(labels) {
      const list = await listAll<V1Node, ReturnType<typeof toNode>>(api, {
        request: () => core.listNode(),
        doing: 'list nodes',
        labelSelector: labels && withLabels(labels),
        convert: toNode,
      });
      return list.items;
    },

    async findNode(name) {
      const doing = { doing: `get node ${name}` };
      const answer = await api.ask<V1Node>(core.readNode(name), doing);
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return toNode(answer.body);
    },

    async patchNode(name, patch) {
      const request = await core.patchNode(name, toMergePatch(patch));
      // The factory names JSON patch, the first of the types it knows, whatever the body is.
      request.setHeaderParam('Content-Type', MERGE_PATCH);
      const doing = { doing: `patch node ${name}` };
      const answer = await api.ask<V1Node>(Promise.resolve(request), doing);
      if (answer.status === 404) return 'absent';
      if (answer.status === 409) return 'conflict';
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return toNode(answer.body);
    },

    async listPodsOnNode(nodeName) {
      const { items, resourceVersion } = await listAll<V1Pod, ReturnType<typeof toPod>>(api, {
        request: () => core.listPodForAllNamespaces(),
        doing: `list pods on node ${nodeName}`,
        fieldSelector: onNode(nodeName),
        convert: toPod,
      });
      return { pods: items, resourceVersion };
    },

    async listPods() {
      const request = () => core.listPodForAllNamespaces();
      return (await listAll<V1Pod, ReturnType<typeof toPod>>(api, { request, doing: 'list pods', convert: toPod }))
        .items;
    },

    async podsVersion() {
      const request = await core.listPodForAllNamespaces();
      request.setQueryParam('limit', '1');
      const { metadata } = await api.get<V1PodList>(Promise.resolve(request), { doing: 'list pods' });
      return metadata?.resourceVersion ?? '';
    },

    watchDepartures: (watch) => watchDepartures(api, core.listPodForAllNamespaces(), watch),

    async listBudgets() {
      const list = await listAll<V1PodDisruptionBudget, ReturnType<typeof toBudget>>(api, {
        request: () => policy.listPodDisruptionBudgetForAllNamespaces(),
        doing: 'list poddisruptionbudgets',
        convert: toBudget,
      });
      return list.items;
    },

    async evict({ namespace, name, uid }) {
      const doing = { doing: `create pods/eviction for ${namespace}/${name}`, timeoutSeconds: EVICTION_SECONDS };
      const eviction = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      };
      const answer = await api.ask<V1Status>(core.createNamespacedPodEviction(name, namespace, eviction), doing);
      const outcome = toEvictionOutcome({ ...answer, body: answer.body as V1Status });
      if (outcome === undefined) throw api.refusal(answer, doing);
      return outcome;
    },

    async deletePod({ namespace, name, uid }) {
      const doing = { doing: `delete pod ${namespace}/${name}` };
      const request = await core.deleteNamespacedPod(name, namespace);
      request.setBody(deleteOptions({ uid }));
      const answer = await api.ask<V1Status>(Promise.resolve(request), doing);
      if (answer.status === 404 || answer.status === 409) return 'absent';
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return 'deleted';
    },

    async waitForPodsGone(nodeName, wait) {
      const request = await core.listPodForAllNamespaces();
      request.setQueryParam('fieldSelector', onNode(nodeName));
      return watchUntilGone(api, Promise.resolve(request), wait);
    },

    async listVolumeAttachments() {
      const list = await listAll<V1VolumeAttachment, { nodeName: string; persistentVolumeName: string }>(api, {
        request: () => storage.listVolumeAttachment(),
        doing: 'list volumeattachments',
        convert: ({ spec }) => ({
          nodeName: spec.nodeName,
          persistentVolumeName: spec.source.persistentVolumeName ?? '',
        }),
      });
      return list.items;
    },

    async findLease(namespace, name) {
      const doing = { doing: `get lease ${namespace}/${name}` };
      const answer = await api.ask<V1Lease>(coordination.readNamespacedLease(name, namespace), doing);
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return toLease(answer.body);
    },

    async createLease(namespace, lease) {
      const doing = { doing: `create lease ${namespace}/${lease.name}` };
      const request = coordination.createNamespacedLease(namespace, leaseObject(namespace, lease));
      const answer = await api.ask<V1Lease>(request, doing);
      if (answer.status === 409) return 'conflict';
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return toLease(answer.body);
    },

    async replaceLease(namespace, lease) {
      const doing = { doing: `update lease ${namespace}/${lease.name}` };
      const object = leaseObject(namespace, lease);
      object.metadata.resourceVersion = lease.resourceVersion;
      const answer = await api.ask<V1Lease>(coordination.replaceNamespacedLease(lease.name, namespace, object), doing);
      if (answer.status === 409 || answer.status === 404) return 'conflict';
      if (answer.status >= 300) throw api.refusal(answer, doing);
      return toLease(answer.body);
    },

    async deleteLease(namespace, { name, resourceVersion }) {
      const doing = { doing: `delete lease ${namespace}/${name}` };
      const request = await coordination.deleteNamespacedLease(name, namespace);
      // Whoever has taken the lease over meanwhile must not lose it.
      request.setBody(deleteOptions({ resourceVersion }));
      const answer = await api.ask<V1Status>(Promise.resolve(request), doing);
      if (answer.status === 409) throw new Conflict(`Lease ${namespace}/${name} was changed since it was read`);
      if (answer.status >= 300 && answer.status !== 404) throw api.refusal(answer, doing);
    },

    recordNodeEvent: createEventRecorder({ api, core, clock, random }),

    async may({ verb, group, resource, subresource, namespace }) {
      const resourceAttributes = omitUndefined({ verb, group, resource, subresource, namespace });
      const review = await api.get<V1SelfSubjectAccessReview>(
        authorization.createSelfSubjectAccessReview({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        }),
        { doing: 'create selfsubjectaccessreviews' },
      );
      return review.status?.allowed ?? false;
    },

    async serverVersion() {
      const doing = { doing: 'get /version', isFirstContact: true };
      const { gitVersion } = await api.get<Partial<VersionInfo>>(version.getCode(), doing);
      if (gitVersion === undefined) throw api.refusal({ status: 404, body: {} }, doing);
      return gitVersion;
    },
  };
}
