import type { Clock, Cluster } from '../ports.ts';
import type { KubernetesApi } from './api.ts';
import { core } from './request-factories.ts';

const COMPONENT = 'eks-nodegroup-upgrade';
/** Events about objects without a namespace live there. */
const NAMESPACE = 'default';
const MESSAGE_LENGTH = 1024;

/**
 * Write Events about nodes, so that `kubectl describe node` shows what the upgrade did.
 *
 * `kubectl describe node` looks for events by the node's name together with its uid, and with its name in place of
 * the uid (as kubelet writes them). We give the real uid, as the controllers do: a new node of the same name does not show
 * the events of the old one.
 *
 * @throws never: an upgrade does not stop because an Event cannot be written
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
 */
export function createEventRecorder({
  api,
  clock,
  random,
}: {
  api: KubernetesApi;
  clock: Pick<Clock, 'now'>;
  random: () => number;
}): Cluster['recordNodeEvent'] {
  return async (node, { type, reason, message }) => {
    const now = clock.now();
    // client-go's form of a name; milliseconds and a random number stand for its nanoseconds.
    const suffix =
      now.getTime().toString(16) +
      Math.floor(random() * 0x1_0000)
        .toString(16)
        .padStart(4, '0');
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${node.name}.${suffix}`, namespace: NAMESPACE },
      involvedObject: { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid },
      type,
      reason,
      message: message.slice(0, MESSAGE_LENGTH),
      source: { component: COMPONENT },
      reportingComponent: COMPONENT,
      reportingInstance: COMPONENT,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await api
      .ask(core.createNamespacedEvent(NAMESPACE, event), { doing: `create event for node ${node.name}` })
      .catch(() => undefined);
  };
}
