import type { Entry } from '../admission/entry.ts';
import type { DrainedNode } from '../state.ts';
import type { Node } from '../types.ts';

/** What was found of the Node of an instance: it, nothing, or that it is gone and why. */
export type OwnNode =
  | { readonly status: 'found'; readonly node: Node }
  | { readonly status: 'unregistered' }
  | { readonly status: 'absent'; readonly reason: string };

/**
 * Tell whether a Node is the one that was taken: a name may have passed to another instance, and an instance may have
 * registered again.
 *
 * @param node the Node that has the name now
 */
export function ownNodeOf({ instanceId, nodeName = '', uid }: Entry, node: Node | undefined): OwnNode {
  const absent = (reason: string): OwnNode => ({ status: 'absent', reason });
  if (node === undefined) return absent(`Node ${nodeName} of instance ${instanceId} is gone.`);
  if (node.instanceId !== instanceId) {
    return absent(
      `Another instance, ${node.instanceId ?? 'of another provider'}, has taken the name of node ${nodeName}.`,
    );
  }
  if (uid !== undefined && node.uid !== uid) {
    return absent(`Instance ${instanceId} has registered again as node ${nodeName} since it was taken.`);
  }
  return { status: 'found', node };
}

/** Find the Node of an instance that had none when it was taken. */
export function registeredNodeOf({ instanceId }: Entry, nodes: readonly Node[]): OwnNode {
  const node = nodes.find((candidate) => candidate.instanceId === instanceId);
  return node === undefined ? { status: 'unregistered' } : { status: 'found', node };
}

/** What a drain keeps of its Node, so that its next patch needs no request before it. */
export const toDrainedNode = ({ name, uid, providerId = '', resourceVersion, isUnschedulable }: Node): DrainedNode => ({
  name,
  uid,
  providerId,
  resourceVersion,
  isUnschedulable,
});
