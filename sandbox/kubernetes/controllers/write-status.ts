import { keyOf, splitKey } from '../object-keys.ts';
import type { KubernetesObject } from '../objects.ts';
import type { ObjectStore } from '../store.ts';

/** Put these fields into an object's status; nothing is written when they are there already. */
export function writeStatus(
  store: ObjectStore,
  resource: string,
  object: KubernetesObject,
  fields: Readonly<Record<string, unknown>>,
): KubernetesObject | undefined {
  const [namespace, name] = splitKey(keyOf(object));
  return store.change(resource, namespace, name, (current) => ({
    ...current,
    status: { ...current.status, ...fields },
  }));
}
