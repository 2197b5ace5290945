import type { Kinds } from '../kinds/kinds.ts';
import type { ObjectStore } from '../store.ts';

/** Resources whose status a controller writes. */
type Reported = 'daemonsets' | 'deployments' | 'jobs' | 'poddisruptionbudgets' | 'replicasets' | 'statefulsets';

/** Put these fields into an object's status; nothing is written when they are there already. */
export function writeStatus<Resource extends Reported>(
  store: ObjectStore,
  resource: Resource,
  { metadata: { namespace, name } }: Kinds[Resource],
  fields: Kinds[Resource]['status'],
): Kinds[Resource] | undefined {
  return store.change(resource, namespace, name, (current) => ({
    ...current,
    status: { ...current.status, ...fields },
  }));
}
