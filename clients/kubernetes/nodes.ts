import type { V1Node } from '@kubernetes/client-node';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Node } from '../../domain/types.ts';
import type { Cluster, NodePatch } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { listAll } from './list.ts';
import { toNode } from './objects.ts';
import { core } from './request-factories.ts';

const MERGE_PATCH = 'application/merge-patch+json';

const toMergePatch = ({ labels, annotations, taints, unschedulable, resourceVersion }: NodePatch) => ({
  metadata: omitUndefined({ labels, annotations, resourceVersion }),
  spec: omitUndefined({ taints, unschedulable }),
});

const toLabelSelector = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** Read and patch nodes. */
export function createNodes(api: KubernetesApi): Pick<Cluster, 'listNodes' | 'findNode' | 'patchNode'> {
  return {
    async listNodes(labels) {
      const { items } = await listAll<V1Node, Node>(api, {
        request: () => core.listNode(),
        doing: 'list nodes',
        labelSelector: labels && toLabelSelector(labels),
        convert: toNode,
      });
      return items;
    },

    async findNode(name) {
      const node = await api.get<V1Node, undefined>(
        core.readNode(name),
        { doing: `get node ${name}` },
        { 404: undefined },
      );
      return node && toNode(node);
    },

    async patchNode(name, patch) {
      const request = await core.patchNode(name, toMergePatch(patch));
      // The factory sets JSON patch, the first type that it supports, whatever the body is.
      request.setHeaderParam('Content-Type', MERGE_PATCH);
      const node = await api.get<V1Node, 'absent' | 'conflict'>(
        Promise.resolve(request),
        { doing: `patch node ${name}` },
        { 404: 'absent', 409: 'conflict' },
      );
      return typeof node === 'string' ? node : toNode(node);
    },
  };
}
