import type { Pod } from 'eks-sandbox/kubernetes';
import type { SimulatedWorld } from '../world.ts';
import type { CarriedRequest } from './requests.ts';

/** A pod that the workflow has asked to go, successfully. */
export interface Removal {
  /** The pod as it was before. */
  readonly previous: Pod;
  readonly clusterName: string;
  readonly by: CarriedRequest;
  readonly isEviction: boolean;
}

/** Be told of each pod that the workflow removes from its node, at the moment at which that takes effect. */
export function onRemoval({ stores, asking }: SimulatedWorld, tell: (removal: Removal) => void): void {
  for (const [clusterName, store] of stores) {
    store.subscribe((event) => {
      if (event.resource !== 'pods' || event.previous === undefined) return;
      const by = asking();
      if (by === undefined || event.previous.metadata.deletionTimestamp !== undefined) return;
      const isGoing = event.type === 'DELETED' || event.object.metadata.deletionTimestamp !== undefined;
      const isEviction = by.action === 'POST pods/eviction';
      if (!isGoing || !(isEviction || by.action === 'DELETE pods')) return;
      tell({ previous: event.previous, clusterName, by, isEviction });
    });
  }
}
