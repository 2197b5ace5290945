import { isEqualJson } from '../equality.ts';
import type { KubernetesObject } from '../objects.ts';
import type { ApiContext } from './context.ts';
import { applyDefaults } from './defaults.ts';
import { failures } from './failures.ts';
import { checkVersion } from './preconditions.ts';
import type { ResourceDefinition } from './resources.ts';
import type { Route } from './route.ts';
import { validate } from './validation.ts';

/** Metadata that only the server changes. */
const SERVER_FIELDS = [
  'name',
  'namespace',
  'uid',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
] as const;

/** Resources whose kubelets label and annotate through the status subresource. */
const LABELLED_BY_STATUS = new Set<string>(['nodes', 'pods']);

/** The part of an object that a request to this subresource may change. */
function permittedChange(
  definition: ResourceDefinition,
  subresource: Route['subresource'],
  current: KubernetesObject,
  sent: KubernetesObject,
): KubernetesObject {
  if (subresource === 'status') {
    const { labels, annotations, managedFields } = sent.metadata;
    const { labels: _labels, annotations: _annotations, ...metadata } = current.metadata;
    const described = LABELLED_BY_STATUS.has(definition.stored)
      ? { ...metadata, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }
      : current.metadata;
    return {
      ...current,
      metadata: { ...described, ...(managedFields ? { managedFields } : {}) },
      status: sent.status,
    };
  }
  if (!definition.subresources.includes('status')) return sent;
  const { status: _sent, ...rest } = sent;
  return current.status === undefined
    ? (rest as KubernetesObject)
    : { ...(rest as KubernetesObject), status: current.status };
}

function withServerFields(current: KubernetesObject, changed: KubernetesObject): KubernetesObject {
  const metadata: Record<string, unknown> = { ...changed.metadata };
  for (const field of SERVER_FIELDS) {
    if (current.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = current.metadata[field];
  }
  metadata.resourceVersion = current.metadata.resourceVersion;
  return { ...changed, metadata: metadata as unknown as KubernetesObject['metadata'] };
}

/** A finalizer cannot be added to an object that is being deleted. */
function checkFinalizers(definition: ResourceDefinition, current: KubernetesObject, changed: KubernetesObject): void {
  if (current.metadata.deletionTimestamp === undefined) return;
  const added = (changed.metadata.finalizers ?? []).filter(
    (finalizer) => !(current.metadata.finalizers ?? []).includes(finalizer),
  );
  if (added.length === 0) return;
  throw failures.invalid(definition.group, definition.kind, current.metadata.name, [
    {
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
    },
  ]);
}

/** The last finalizer of a deleted object is gone, and no kubelet has anything left to stop. */
const isToBeRemoved = ({ metadata }: KubernetesObject) =>
  metadata.deletionTimestamp !== undefined &&
  (metadata.finalizers ?? []).length === 0 &&
  (metadata.deletionGracePeriodSeconds ?? 0) === 0;

/**
 * Store a changed object.
 *
 * @param sent the whole object as the client wants it; its resourceVersion, if any, must be the current one
 * @param finish last touch before it is stored, e.g. recording who owns which fields
 * @returns the object as it is stored now
 * @throws ApiFailure 409, 422
 */
export function updateObject(
  { store }: ApiContext,
  { definition, subresource }: Pick<Route, 'definition' | 'subresource'>,
  current: KubernetesObject,
  sent: KubernetesObject,
  isDryRun: boolean,
  finish: (changed: KubernetesObject) => KubernetesObject,
): KubernetesObject {
  const { stored: resource } = definition;
  checkVersion(definition, current, sent);
  const permitted = permittedChange(definition, subresource, current, sent);
  const isSameSpec = isEqualJson(permitted.spec, current.spec);
  const described = withServerFields(current, permitted);
  const changed = isSameSpec ? described : applyDefaults(resource, described);
  checkFinalizers(definition, current, changed);
  validate(definition, changed, current);
  const finished = finish(changed);
  if (isDryRun) return finished;
  const { namespace, name } = current.metadata;
  const stored = store.change(resource, namespace, name, () => finished) ?? current;
  return isToBeRemoved(stored) ? (store.remove(resource, namespace, name) ?? stored) : stored;
}
