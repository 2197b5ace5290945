import type { V1Node, V1Status } from '@kubernetes/client-node';
import type { Node, NodeIdentity } from '../../domain/types.ts';
import type { Cluster, NodePatch } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { requireKind } from './expected-kind.ts';
import { listAll } from './list.ts';
import { missingMaps, toJsonPatch, toMergePatch } from './node-patch.ts';
import { watchNodes } from './node-watch.ts';
import { toNode } from './objects.ts';
import { core } from './request-factories.ts';

const MERGE_PATCH = 'application/merge-patch+json';

const toLabelSelector = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

const isSame = ({ uid, providerId }: Node, identity: NodeIdentity) =>
  uid === identity.uid && providerId === identity.providerId;

type Nodes = Pick<Cluster, 'listNodes' | 'listNodesToWatch' | 'watchNodes' | 'findNode' | 'patchNode'>;

/** Read, watch and patch nodes. */
export function createNodes(api: KubernetesApi): Nodes {
  const listNodesToWatch: Nodes['listNodesToWatch'] = async (labels) => {
    const { items, resourceVersion } = await listAll<V1Node, Node>(api, {
      request: () => core.listNode(),
      doing: 'list nodes',
      kind: 'NodeList',
      labelSelector: labels && toLabelSelector(labels),
      convert: toNode,
    });
    return { nodes: items, resourceVersion };
  };

  const findNode: Nodes['findNode'] = async (name) => {
    const node = await api.get<V1Node, undefined>(
      core.readNode(name),
      { doing: `get node ${name}`, kinds: ['Node'] },
      { 404: undefined },
    );
    return node && toNode(node);
  };

  const mergePatch = async (name: string, patch: NodePatch): Promise<Node | 'absent' | 'conflict'> => {
    const request = await core.patchNode(name, toMergePatch(patch));
    // The factory sets JSON patch, the first type that it supports, whatever the body is.
    request.setHeaderParam('Content-Type', MERGE_PATCH);
    const node = await api.get<V1Node, 'absent' | 'conflict'>(
      Promise.resolve(request),
      { doing: `patch node ${name}`, kinds: ['Node'] },
      { 404: 'absent', 409: 'conflict' },
    );
    return typeof node === 'string' ? node : toNode(node);
  };

  const jsonPatch = async (
    name: string,
    operations: object[],
  ): Promise<Node | 'absent' | 'conflict' | 'inapplicable'> => {
    const options = { doing: `patch node ${name}` };
    const answer = await api.ask<V1Node>(core.patchNode(name, operations), options);
    if (answer.status < 300) {
      requireKind(answer.body, options.doing, 'Node');
      return toNode(answer.body);
    }
    if (answer.status === 404) return 'absent';
    if (answer.status === 409) return 'conflict';
    // A value that is not valid has the same status, but its causes are listed.
    const { details } = answer.body as V1Status;
    if (answer.status === 422 && details?.causes === undefined) return 'inapplicable';
    throw api.refusal(answer, options);
  };

  /** Whatever does not apply, a test or a path, has the same answer: only the node itself shows what it was. */
  const patchIdentified = async (
    name: string,
    identity: NodeIdentity,
    patch: NodePatch,
  ): Promise<Node | 'absent' | 'conflict'> => {
    const outcome = await jsonPatch(name, toJsonPatch(identity, patch));
    if (outcome !== 'inapplicable') return outcome;
    const node = await findNode(name);
    if (node === undefined || !isSame(node, identity)) return 'absent';
    const missing = missingMaps(node, patch);
    const { resourceVersion } = node;
    if (missing.length === 0 || resourceVersion !== (patch.resourceVersion ?? resourceVersion)) return 'conflict';
    // In this version only: a map that somebody adds meanwhile must not be overwritten.
    const again = await jsonPatch(name, toJsonPatch(identity, { ...patch, resourceVersion }, missing));
    return again === 'inapplicable' ? 'conflict' : again;
  };

  return {
    listNodesToWatch,
    listNodes: async (labels) => (await listNodesToWatch(labels)).nodes,
    watchNodes: (watch) => watchNodes(api, core.listNode(), watch),
    findNode,
    patchNode: (name, patch) =>
      patch.identity === undefined ? mergePatch(name, patch) : patchIdentified(name, patch.identity, patch),
  };
}
