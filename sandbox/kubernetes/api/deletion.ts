import { isoSeconds } from '../../world/clock.ts';
import { type DisruptionReason, deletePod } from '../graceful-deletion.ts';
import type { KubernetesObject } from '../objects.ts';
import { catalogOf, storedResources } from './catalog.ts';
import type { ApiContext } from './context.ts';
import { removeCustomObjects } from './custom-resources.ts';
import { failures } from './failures.ts';
import { isJsonObject, type JsonObject, jsonObjectIn } from './patch/json-value.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import type { ResourceDefinition } from './resources.ts';

/** How an object is to be deleted. */
export interface DeleteOptions {
  /** Default: the object's own; 0 = at once. */
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly dryRun?: readonly string[];
}

const POLICIES = ['Orphan', 'Background', 'Foreground'] as const;

/**
 * Read delete options from a body, with the query parameters that stand for them.
 *
 * @throws ApiFailure 400, 422
 */
export function readDeleteOptions(query: URLSearchParams, body: JsonObject | undefined): DeleteOptions {
  if (body?.kind !== undefined && body.kind !== 'DeleteOptions')
    throw failures.badRequest(`the body is a ${body.kind}, expected DeleteOptions`);
  const grace =
    body?.gracePeriodSeconds ?? (query.has('gracePeriodSeconds') ? query.get('gracePeriodSeconds') : undefined);
  const orphans = body?.orphanDependents ?? query.get('orphanDependents');
  const given =
    body?.propagationPolicy ??
    query.get('propagationPolicy') ??
    (orphans === true || orphans === 'true' ? 'Orphan' : undefined);
  const policy = POLICIES.find((each) => each === given);
  if (given !== undefined && policy === undefined)
    throw failures.invalid('meta.k8s.io', 'DeleteOptions', '', [
      {
        reason: 'FieldValueNotSupported',
        field: 'propagationPolicy',
        message: `Unsupported value: ${JSON.stringify(given)}: supported values: "Background", "Foreground", "Orphan"`,
      },
    ]);
  return {
    ...(grace === undefined || grace === null ? {} : { gracePeriodSeconds: Number(grace) < 0 ? 1 : Number(grace) }),
    ...(isJsonObject(body?.preconditions) ? { preconditions: body.preconditions as Preconditions } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(Array.isArray(body?.dryRun) ? { dryRun: body.dryRun as string[] } : {}),
  };
}

/** Take an owner off everything that names it. */
function orphanDependents({ store }: ApiContext, owner: KubernetesObject): void {
  for (const { stored } of storedResources(catalogOf(store)))
    for (const { metadata } of store.ownedBy(stored, owner.metadata.uid))
      store.change(stored, metadata.namespace, metadata.name, (object) => {
        const { ownerReferences = [], ...rest } = object.metadata;
        const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid);
        return { ...object, metadata: others.length === 0 ? rest : { ...rest, ownerReferences: others } };
      });
}

/** What became of an object that was deleted. */
export interface Deleted {
  readonly object: KubernetesObject;
  /** False while a kubelet or a finalizer keeps it. */
  readonly isGone: boolean;
}

/**
 * Delete an object: at once, or marked for its kubelet, its finalizers or the namespace controller.
 *
 * @throws ApiFailure 409 when it is not the object the preconditions mean
 */
export function deleteObject(
  context: ApiContext,
  definition: ResourceDefinition,
  object: KubernetesObject,
  options: DeleteOptions,
  { isDryRun, disruption }: { isDryRun: boolean; disruption?: DisruptionReason },
): Deleted {
  const { store, clock } = context;
  const { stored: resource } = definition;
  const { namespace, name, finalizers = [] } = object.metadata;
  checkPreconditions(definition, object, options.preconditions);
  if (isDryRun) return { object, isGone: true };
  if (options.propagationPolicy === 'Orphan') orphanDependents(context, object);
  if (resource === 'pods') {
    const { gracePeriodSeconds: graceSeconds } = options;
    const pod = store.get(resource, namespace, name);
    if (pod === undefined) return { object, isGone: true };
    deletePod(context, pod, {
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      ...(disruption === undefined ? {} : { disruption }),
    });
    const left = store.get(resource, namespace, name);
    return { object: left ?? object, isGone: left === undefined };
  }
  const isKept = finalizers.length > 0 || resource === 'namespaces';
  if (!isKept) {
    const removed = store.remove(resource, namespace, name);
    if (resource === 'customresourcedefinitions') removeCustomObjects(store, name);
    return { object: removed ?? object, isGone: true };
  }
  if (object.metadata.deletionTimestamp !== undefined) return { object, isGone: false };
  const marked = store.change(resource, namespace, name, (current) => ({
    ...current,
    metadata: { ...current.metadata, deletionTimestamp: isoSeconds(clock.now()), deletionGracePeriodSeconds: 0 },
    ...(resource === 'namespaces' ? { status: { ...jsonObjectIn(current.status), phase: 'Terminating' } } : {}),
  }));
  return { object: marked ?? object, isGone: false };
}
