import type { SandboxClock } from '../../world/clock.ts';
import { conditionOf } from '../conditions.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { ObjectStore } from '../store.ts';
import type { MachineRegistry } from './machine-registry.ts';

/**
 * Create the cloud controller that deletes the Node of a machine that is gone.
 *
 * @returns called when a machine has gone; when a Node stops being Ready the controller notices that itself
 */
export function createNodeDeletion({
  clock,
  store,
  events,
  registry,
  nodeDeletionSeconds,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  events: EventRecorder;
  registry: MachineRegistry;
  nodeDeletionSeconds: number;
}): (nodeName: string) => void {
  const deleteNode = (nodeName: string) => {
    const node = store.get('nodes', undefined, nodeName);
    if (registry.of(nodeName)?.isGone) registry.forget(nodeName);
    if (node === undefined) return;
    events.record(node, {
      reason: 'DeletingNode',
      message: `Deleting node ${nodeName} because it does not exist in the cloud provider`,
      component: 'cloud-node-lifecycle-controller',
    });
    store.remove('nodes', undefined, nodeName);
    events.record(node, {
      reason: 'RemovingNode',
      message: `Node ${nodeName} event: Removing Node ${nodeName} from Controller`,
      component: 'node-controller',
    });
  };

  /** A Node is deleted only when its machine is gone and it is not Ready. */
  const considerDeletion = (nodeName: string) => {
    if (!registry.of(nodeName)?.isGone) return;
    const node = store.get('nodes', undefined, nodeName);
    if (node === undefined) return registry.forget(nodeName);
    if (conditionOf(node, 'Ready')?.status === 'True') return;
    clock.after(nodeDeletionSeconds, () => deleteNode(nodeName));
  };

  store.subscribe(({ resource, type, object, previous }) => {
    if (resource !== 'nodes' || type !== 'MODIFIED' || previous === undefined) return;
    const turnedUnready =
      conditionOf(previous, 'Ready')?.status === 'True' && conditionOf(object, 'Ready')?.status !== 'True';
    if (turnedUnready) clock.after(0, () => considerDeletion(object.metadata.name));
  });

  return (nodeName) => {
    clock.after(0, () => considerDeletion(nodeName));
  };
}
