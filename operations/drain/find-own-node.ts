import type { Cluster } from '../../clients/ports.ts';
import type { NodeStep } from '../../domain/drain/node-step.ts';
import { type OwnNode, ownNodeOf, registeredNodeOf } from '../../domain/drain/own-node.ts';

/** Find the Node that an execution works on: by its name, or by its instance where there was no Node when it was taken. */
export async function findOwnNode(cluster: Cluster, { node, drain }: NodeStep): Promise<OwnNode> {
  const known = 'node' in drain ? { ...node, nodeName: drain.node.name, uid: drain.node.uid } : node;
  return known.nodeName === undefined
    ? registeredNodeOf(known, await cluster.listNodes())
    : ownNodeOf(known, await cluster.findNode(known.nodeName));
}
