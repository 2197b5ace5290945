import type { Deployment, ReplicaSet, StatefulSet } from '../kinds/workloads.ts';
import { controllerOf } from '../object-keys.ts';
import type { OwnerReference } from '../objects.ts';
import type { ObjectStore } from '../store.ts';

/** Resources with a scale that the controller knows; a budget over other controllers' pods cannot be worked out. */
const SCALED: Readonly<Record<string, 'replicasets' | 'statefulsets'>> = {
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
};

/** The object whose number of pods counts: the Deployment of a ReplicaSet that has one. */
function scaledBy(
  store: ObjectStore,
  namespace: string | undefined,
  reference: OwnerReference,
): Deployment | ReplicaSet | StatefulSet | undefined {
  const resource = SCALED[reference.kind];
  const controller = resource && store.get(resource, namespace, reference.name);
  if (!controller || controller.metadata.uid !== reference.uid) return undefined;
  const parent = controllerOf(controller);
  const deployment = parent?.kind === 'Deployment' ? store.get('deployments', namespace, parent.name) : undefined;
  return deployment ?? controller;
}

/**
 * Add up how many pods the controllers behind a budget are meant to have.
 *
 * @returns the owner that has no scale, where there is one
 */
export function expectedScale(
  store: ObjectStore,
  namespace: string | undefined,
  owners: Iterable<OwnerReference>,
): number | { readonly unknownOwner: OwnerReference } {
  // By uid, for the ReplicaSets of a Deployment that is rolling out have one scale between them.
  const scales = new Map<string, number>();
  for (const owner of owners) {
    const scaled = scaledBy(store, namespace, owner);
    if (scaled === undefined) return { unknownOwner: owner };
    scales.set(scaled.metadata.uid, scaled.spec.replicas ?? 1);
  }
  return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
}
