import { isoSeconds } from '../../world/clock.ts';
import type { Random } from '../../world/random.ts';
import type { ResourceName } from '../kinds/kinds.ts';
import type { KubernetesObject, NewMetadata, NewObject, ObjectMeta } from '../objects.ts';
import type { ApiContext } from './context.ts';
import { applyDefaults } from './defaults.ts';
import { withoutEmptyMaps } from './empty-maps.ts';
import { failures } from './failures.ts';
import { type JsonObject, jsonObjectIn } from './patch/json-value.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import type { Route } from './route.ts';
import { validate } from './validation.ts';
import { fromWire } from './wire-object.ts';

/** Length of the random suffix that `generateName` is completed with. */
const SUFFIX_LENGTH = 5;

/**
 * Check that a body is an object of the resource and of the namespace it is sent to.
 *
 * @throws ApiFailure 400
 */
export function readObject(
  definition: ResourceDefinition,
  route: Route,
  body: JsonObject | undefined,
): KubernetesObject {
  const expected = apiVersionOf(definition);
  if (body === undefined) throw failures.badRequest('EOF');
  const { apiVersion = expected, kind = definition.kind } = body;
  const metadata = (body.metadata ?? {}) as ObjectMeta;
  if (kind !== definition.kind)
    throw failures.badRequest(
      `${kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: no kind "${kind}" is registered for ${route.definition.resource}`,
    );
  if (apiVersion !== expected)
    throw failures.badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  if (metadata.namespace && route.namespace !== undefined && metadata.namespace !== route.namespace)
    throw failures.badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const { namespace: _given, ...others } = metadata;
  const placed = route.namespace === undefined ? others : { ...others, namespace: route.namespace };
  return fromWire(definition, { ...body, apiVersion, kind, metadata: withoutEmptyMaps(placed) } as KubernetesObject);
}

/**
 * Refuse new content for a namespace that is missing or on its way out; subresources are content, too.
 *
 * @throws ApiFailure 403, 404
 */
export function checkNamespace(
  { store }: Pick<ApiContext, 'store'>,
  definition: ResourceDefinition,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): void {
  if (!definition.isNamespaced || namespace === undefined) return;
  const found = store.get('namespaces', undefined, namespace);
  if (found === undefined) throw failures.notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw failures.forbidden(
    definition,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

/** Give a Service without an address one of the cluster's service range. */
function withClusterIp(resource: ResourceName, object: NewObject, addresses: Random): NewObject {
  const spec = jsonObjectIn(object.spec);
  if (resource !== 'services' || spec.type === 'ExternalName' || spec.clusterIP) return object;
  const clusterIP = `172.20.${addresses.integer(256)}.${1 + addresses.integer(254)}`;
  return { ...object, spec: { ...spec, clusterIP, clusterIPs: [clusterIP] } };
}

/** Metadata of a new object: what the server decides is not the client's to set. */
function newMetadata(metadata: ObjectMeta, name: string): NewMetadata {
  const {
    uid: _uid,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    ...kept
  } = metadata;
  return { ...kept, name };
}

/** Stores a new object, as read from a request, and gives it as it is stored. */
export type CreateObject = (
  definition: ResourceDefinition,
  sent: KubernetesObject,
  isDryRun: boolean,
) => KubernetesObject;

/**
 * Create what stores new objects.
 *
 * @throws ApiFailure 404 (namespace), 403 (namespace terminating), 409 (name taken), 422
 */
export function createObjectCreator(context: ApiContext): CreateObject {
  const names = context.random.fork('generateName');
  const addresses = context.random.fork('clusterIP');

  return (definition, sent, isDryRun) => {
    const { store, clock } = context;
    const { metadata } = sent;
    if (metadata.resourceVersion)
      throw failures.badRequest('resourceVersion should not be set on objects to be created');
    const name =
      metadata.name || (metadata.generateName ? `${metadata.generateName}${names.suffix(SUFFIX_LENGTH)}` : '');
    // A kubelet registers its Node status and all: https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/registry/core/node/strategy.go
    const isStatusApart = definition.subresources.includes('status') && definition.stored !== 'nodes';
    const { status: _ignored, ...withoutStatus } = sent;
    const named = { ...(isStatusApart ? withoutStatus : sent), metadata: newMetadata(metadata, name) };
    const defaulted = applyDefaults<NewObject>(definition.stored, named);
    const object = withClusterIp(definition.stored, defaulted, addresses);
    checkNamespace(context, definition, object.metadata);
    validate(definition, object, undefined);
    if (store.get(definition.stored, metadata.namespace, name) !== undefined)
      throw failures.alreadyExists(definition, name);
    if (!isDryRun) return store.create(definition.stored, object);
    return {
      ...object,
      metadata: {
        ...object.metadata,
        uid: '00000000-0000-4000-8000-000000000000',
        resourceVersion: '',
        creationTimestamp: isoSeconds(clock.now()),
      },
    };
  };
}
