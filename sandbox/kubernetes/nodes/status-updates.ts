import { isoSeconds, type SandboxClock } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { ObjectStore } from '../store.ts';

/**
 * Create what writes the status of nodes again and again, although nothing has changed: the heartbeat times of the conditions.
 *
 * @param everySeconds kubelet's `nodeStatusReportFrequency`; nothing is written without it
 * @param isAlive whether the kubelet of a node still writes
 * @returns begins with one node, at a moment of its own
 * @see https://kubernetes.io/docs/reference/node/node-status/#heartbeats
 */
export function createStatusUpdates({
  clock,
  store,
  random,
  everySeconds,
  isAlive,
}: {
  clock: SandboxClock;
  store: ObjectStore;
  random: Random;
  everySeconds: number | undefined;
  isAlive(nodeName: string): boolean;
}): (nodeName: string, uid: string) => void {
  if (everySeconds === undefined) return () => {};

  const update = (nodeName: string, uid: string) => {
    const node = store.get('nodes', undefined, nodeName);
    if (!isAlive(nodeName) || node?.metadata.uid !== uid) return;
    const at = isoSeconds(clock.now());
    store.change('nodes', undefined, nodeName, (current) => ({
      ...current,
      status: {
        ...current.status,
        conditions: (current.status?.conditions ?? []).map((condition) => ({ ...condition, lastHeartbeatTime: at })),
      },
    }));
    clock.after(everySeconds, () => update(nodeName, uid));
  };

  return (nodeName, uid) => {
    clock.after(random.next() * everySeconds, () => update(nodeName, uid));
  };
}
