import type { KubernetesObject, OwnerReference } from './objects.ts';

/** Name an object within its resource: `namespace/name`, `/name` for cluster-wide ones. */
export const keyOf = (object: KubernetesObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

/** Undo `keyOf`. */
export function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf('/');
  return [slash === 0 ? undefined : key.slice(0, slash), key.slice(slash + 1)];
}

/** The owner that controls an object, if any. */
export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true);

/** What a controller writes into its dependents' metadata. */
export const ownerReferenceTo = (owner: KubernetesObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});
