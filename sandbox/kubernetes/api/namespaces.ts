import { isoSeconds } from '../../world/clock.ts';
import { catalogOf, storedResources } from './catalog.ts';
import type { ApiContext } from './context.ts';
import { deleteObject } from './deletion.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
const SWEEP_SECONDS = 1;
/** A cluster is older than all that is in it. */
const CLUSTER_AGE_MS = 90 * 86_400_000;

/** Create the namespaces every cluster has; those present are left alone. */
export function ensureSystemNamespaces({ store, clock }: Pick<ApiContext, 'store' | 'clock'>): void {
  const creationTimestamp = isoSeconds(clock.now() - CLUSTER_AGE_MS);
  for (const name of SYSTEM_NAMESPACES) {
    if (store.get('namespaces', undefined, name) !== undefined) continue;
    store.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, creationTimestamp, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
}

/** Empty a namespace that is being deleted, pods with their grace, and remove it when nothing is left. */
export function sweepNamespace(context: ApiContext, namespace: string): void {
  const { store, clock } = context;
  const contents = storedResources(catalogOf(store))
    .filter(({ isNamespaced }) => isNamespaced)
    .flatMap((definition) =>
      store
        .list(definition.stored)
        .filter(({ metadata }) => metadata.namespace === namespace)
        .map((object) => ({ definition, object })),
    );
  if (contents.length === 0) {
    store.remove('namespaces', undefined, namespace);
    return;
  }
  for (const { definition, object } of contents) deleteObject(context, definition, object, {}, { isDryRun: false });
  clock.after(SWEEP_SECONDS, () => sweepNamespace(context, namespace));
}
