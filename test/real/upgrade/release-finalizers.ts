import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'eks-sandbox/kubernetes';
import type { Rehearsal } from './rehearsal.ts';
import { podsOf } from './what-happened.ts';

/** When a pod was let go, in milliseconds since the epoch, and from which node. */
export interface Release {
  readonly releasedAt: number;
  readonly nodeName: string | undefined;
}

/** Play the controller of a finalizer: it does its work for so many seconds after a pod was deleted. */
export function releaseFinalizers({ list, patch }: Rehearsal, namespace: string, seconds: number) {
  let isOver = false;
  const seenAt = new Map<string, number>();
  const releases = new Map<string, Release>();
  const watch = async () => {
    while (!isOver) {
      for (const { metadata, spec } of await list<Pod>(podsOf(namespace))) {
        if (metadata.deletionTimestamp === undefined || releases.has(metadata.name)) continue;
        const since = seenAt.get(metadata.name) ?? performance.now();
        seenAt.set(metadata.name, since);
        if (performance.now() - since < seconds * 1000) continue;
        releases.set(metadata.name, { releasedAt: Date.now(), nodeName: spec?.nodeName });
        await patch(`${podsOf(namespace)}/${metadata.name}`, { metadata: { finalizers: null } });
      }
      await sleep(300);
    }
  };
  const watching = watch();
  return {
    /** @returns the pods that were let go, by name */
    async stop(): Promise<ReadonlyMap<string, Release>> {
      isOver = true;
      await watching;
      return releases;
    },
  };
}
