import type { SandboxRequest, SandboxResponse } from '../../server/http.ts';
import { isoSeconds } from '../../world/clock.ts';
import type { KubernetesObject } from '../objects.ts';
import { negotiate, type Representation } from './accept.ts';
import { type Authorize, accessRequest, denialText, type User } from './access.ts';
import { bindPod } from './binding.ts';
import type { ApiContext } from './context.ts';
import { createCreate, readObject } from './create.ts';
import { deleteObject, readDeleteOptions } from './deletion.ts';
import { evictPod } from './eviction.ts';
import { failures } from './failures.ts';
import { createList } from './list.ts';
import { sweepNamespace } from './namespaces.ts';
import type { JsonObject } from './patch/json-value.ts';
import { type Authorship, recordUpdate } from './patch/managed-fields.ts';
import { applyConfiguration } from './patch/server-side-apply.ts';
import { type PatchRequest, readPatch } from './patch-request.ts';
import { checkVersion } from './preconditions.ts';
import { isDryRun, mediaTypeOf, parseText, readBody } from './request-body.ts';
import { apiVersionOf, type ResourceDefinition } from './resources.ts';
import { jsonResponse, respond, statusSuccess } from './responses.ts';
import { answerReview } from './reviews.ts';
import type { Route } from './route.ts';
import { scaleOf, withScale } from './scale.ts';
import { loadSchemas, unknownFields } from './schemas.ts';
import { parseSelection, selectObjects } from './selection.ts';
import { includedObject, tableJson } from './table.ts';
import { updateObject } from './update.ts';
import { createWatch } from './watch.ts';
import { fromWire, objectJson, partialMetadata, toWire } from './wire-object.ts';

/** Answers requests about resources, once it is known who asks and that they may. */
export type HandleResource = (route: Route, request: SandboxRequest, user: User) => Promise<SandboxResponse>;

/** Kinds that are answered with the deleted object instead of a Status. */
const RETURNED_WHEN_DELETED = new Set([
  'pods',
  'persistentvolumes',
  'persistentvolumeclaims',
  'serviceaccounts',
  'csinodes',
  'storageclasses',
  'volumeattachments',
]);

/** Who writes: `fieldManager`, else the client's program as it names itself. */
function authorOf(
  { query, headers }: SandboxRequest,
  { definition, subresource }: Route,
  operation: Authorship['operation'],
  now: number,
): Authorship {
  const program = (headers['user-agent'] ?? '').split('/')[0] || 'unknown';
  return {
    name: query.get('fieldManager') || program,
    operation,
    apiVersion: apiVersionOf(definition),
    subresource: subresource === 'status' || subresource === 'scale' ? subresource : '',
    time: isoSeconds(now),
  };
}

/** Create the handler of every resource. */
export function createResourceHandler(context: ApiContext, authorize: Authorize): HandleResource {
  const { store, clock } = context;
  const listObjects = createList(context);
  const watchObjects = createWatch(context);
  const createObject = createCreate(context);

  const find = ({ definition, namespace, name = '' }: Route): KubernetesObject => {
    const object = store.get(definition.resource, namespace, name);
    if (object === undefined) throw failures.notFound(definition, name);
    return object;
  };

  const render = (route: Route, request: SandboxRequest, object: KubernetesObject): string => {
    const { definition } = route;
    const representation = negotiate(request.headers.accept);
    switch (representation.shape) {
      case 'table':
        return tableJson(
          { definition, representation, included: includedObject(request.query), nowMilliseconds: clock.now() },
          [object],
          { resourceVersion: object.metadata.resourceVersion },
        );
      case 'metadata':
        return JSON.stringify(partialMetadata(object));
      default:
        return objectJson(definition, object);
    }
  };

  const answer = (route: Route, request: SandboxRequest, object: KubernetesObject, status = 200, warnings = {}) => {
    const text = route.subresource === 'scale' ? JSON.stringify(scaleOf(object)) : render(route, request, object);
    return respond(negotiate(request.headers.accept), status, text, warnings);
  };

  /** Look for fields the type does not have, when the client asks for it. */
  const checkFields = async (
    { query }: SandboxRequest,
    definition: ResourceDefinition,
    sent: unknown,
  ): Promise<Record<string, string>> => {
    const mode = query.get('fieldValidation');
    if (mode !== 'Strict' && mode !== 'Warn') return {};
    const unknown = unknownFields(await loadSchemas(), definition, sent).map((path) => `unknown field "${path}"`);
    if (unknown.length === 0) return {};
    if (mode === 'Strict')
      throw failures.badRequest(
        `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: strict decoding error: ${unknown.join(', ')}`,
      );
    return { warning: unknown.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`).join(', ') };
  };

  const create = async (route: Route, request: SandboxRequest, user: User) => {
    const { definition, namespace, name, subresource } = route;
    const body = readBody(request);
    if (subresource === 'eviction') {
      evictPod(context, namespace, name as string, request.query, body);
      return jsonResponse(201, statusSuccess(201));
    }
    if (subresource === 'binding') {
      bindPod(context, namespace, name as string, body, isDryRun(request.query));
      return jsonResponse(201, statusSuccess(201));
    }
    if (definition.isReview) {
      const { kind } = definition;
      const answered = answerReview(kind, user, body, authorize);
      return jsonResponse(201, { kind, apiVersion: apiVersionOf(definition), metadata: {}, ...answered });
    }
    if (name !== undefined) throw failures.methodNotAllowed(definition, 'create');
    const sent = readObject(definition, route, body);
    const warnings = await checkFields(request, definition, toWire(definition, sent));
    const author = authorOf(request, route, 'Update', clock.now());
    return answer(
      route,
      request,
      createObject(definition, recordUpdate(undefined, sent, author), isDryRun(request.query)),
      201,
      warnings,
    );
  };

  const readLog = (route: Route) => {
    find(route);
    throw failures.notFound({ group: '', resource: 'pods/log' }, route.name as string);
  };

  const get = (route: Route, request: SandboxRequest) =>
    route.subresource === 'log' ? readLog(route) : answer(route, request, find(route));

  const list = (route: Route, request: SandboxRequest, representation: Representation) =>
    respond(representation, 200, listObjects(route, request.query, representation));

  const watch = (route: Route, { query, signal }: SandboxRequest, representation: Representation): SandboxResponse => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' },
    body: watchObjects(route, query, representation, signal),
  });

  /** Leases and events may be put into being; that takes the right to create them. */
  const createByPut = (route: Route, request: SandboxRequest, user: User, sent: KubernetesObject) => {
    const access = { ...accessRequest(route), verb: 'create' };
    if (!authorize(user, access))
      throw failures.forbidden(route.definition, route.name ?? '', denialText(user, access));
    const { resourceVersion: _ofAnother, ...metadata } = sent.metadata;
    const { uid, name, namespace } = metadata;
    if (uid)
      throw failures.conflict(
        route.definition,
        name,
        `StorageError: invalid object, Code: 4, Key: /registry/${route.definition.resource}/${namespace}/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: `,
      );
    const author = authorOf(request, route, 'Update', clock.now());
    const object = recordUpdate(undefined, { ...sent, metadata: { ...metadata, resourceVersion: '' } }, author);
    return answer(route, request, createObject(route.definition, object, isDryRun(request.query)), 201);
  };

  const update = async (route: Route, request: SandboxRequest, user: User) => {
    const { definition, subresource } = route;
    const body = readBody(request) as JsonObject | undefined;
    const author = authorOf(request, route, 'Update', clock.now());
    const isDry = isDryRun(request.query);
    if (subresource === 'scale') {
      const current = find(route);
      const changed = withScale(current, (body ?? {}) as unknown as KubernetesObject);
      return answer(route, request, save(route, current, changed, isDry, author));
    }
    const sent = readObject(definition, route, body);
    if (sent.metadata.name !== route.name)
      throw failures.badRequest(
        `the name of the object (${sent.metadata.name}) does not match the name on the URL (${route.name})`,
      );
    const warnings = await checkFields(request, definition, toWire(definition, sent));
    const isAbsent = store.get(definition.resource, route.namespace, sent.metadata.name) === undefined;
    if (isAbsent && definition.isCreatedByPut) return createByPut(route, request, user, sent);
    const current = find(route);
    if (definition.needsVersionForPut && !sent.metadata.resourceVersion)
      throw failures.invalid(definition.group, definition.resource, sent.metadata.name, [
        {
          reason: 'FieldValueInvalid',
          field: 'metadata.resourceVersion',
          message: 'Invalid value: 0: must be specified for an update',
        },
      ]);
    return answer(route, request, save(route, current, sent, isDry, author), 200, warnings);
  };

  const save = (
    route: Route,
    current: KubernetesObject,
    changed: KubernetesObject,
    isDry: boolean,
    author: Authorship,
  ) => updateObject(context, route, current, changed, isDry, (object) => recordUpdate(current, object, author));

  const patch = async (route: Route, request: SandboxRequest) => {
    const change = readPatch(request);
    if (change.type === 'apply') return apply(route, request, change.configuration);
    const current = find(route);
    const { patched, warnings } = await applyChange(route, request, current, change);
    const author = authorOf(request, route, 'Update', clock.now());
    return answer(route, request, save(route, current, patched, isDryRun(request.query), author), 200, warnings);
  };

  const applyChange = async (
    { definition, subresource }: Route,
    request: SandboxRequest,
    current: KubernetesObject,
    { apply }: Extract<PatchRequest, { type: 'change' }>,
  ) => {
    if (subresource === 'scale') return { patched: withScale(current, apply(scaleOf(current))), warnings: {} };
    const shown = apply(toWire(definition, current));
    const warnings = await checkFields(request, definition, shown);
    return { patched: fromWire(definition, shown), warnings };
  };

  const apply = async (route: Route, request: SandboxRequest, configuration: JsonObject) => {
    const { definition, namespace, name } = route;
    if (!request.query.get('fieldManager'))
      throw failures.invalid('meta.k8s.io', 'PatchOptions', '', [
        {
          reason: 'FieldValueRequired',
          field: 'fieldManager',
          message: 'Required value: is required for apply patch',
        },
      ]);
    const sent = readObject(definition, route, configuration);
    if (sent.metadata.name !== name)
      throw failures.badRequest(
        `the name of the object (${sent.metadata.name}) does not match the name on the URL (${name})`,
      );
    const warnings = await checkFields(request, definition, sent);
    const live = store.get(definition.resource, namespace, name as string);
    const isForced = request.query.get('force') === 'true';
    const author = authorOf(request, route, 'Apply', clock.now());
    if (live !== undefined) checkVersion(definition, live, sent);
    const applied = applyConfiguration(live, sent as unknown as JsonObject, author, isForced);
    if (live === undefined)
      return answer(route, request, createObject(definition, applied, isDryRun(request.query)), 201, warnings);
    const stored = updateObject(context, route, live, applied, isDryRun(request.query), (object) => object);
    return answer(route, request, stored, 200, warnings);
  };

  const removeOne = (route: Route, request: SandboxRequest, object: KubernetesObject) => {
    const { definition } = route;
    const options = readDeleteOptions(request.query, parseDeleteBody(request));
    const isDry = isDryRun(request.query, options.dryRun);
    const deleted = deleteObject(context, definition, object, options, { isDryRun: isDry });
    const isNewlyTerminating =
      definition.resource === 'namespaces' && !isDry && object.metadata.deletionTimestamp === undefined;
    if (isNewlyTerminating) clock.after(0, () => sweepNamespace(context, object.metadata.name));
    return deleted;
  };

  const remove = (route: Route, request: SandboxRequest) => {
    const { definition } = route;
    const { object, isGone } = removeOne(route, request, find(route));
    if (!isGone || RETURNED_WHEN_DELETED.has(definition.resource)) return answer(route, request, object);
    const { name, uid } = object.metadata;
    const { group, resource: kind } = definition;
    return jsonResponse(200, statusSuccess(200, { name, ...(group === '' ? {} : { group }), kind, uid }));
  };

  const removeCollection = (route: Route, request: SandboxRequest, representation: Representation) => {
    const text = listObjects(route, request.query, representation);
    const selected = selectObjects(store, route.definition.resource, parseSelection(route, request.query));
    for (const object of selected) removeOne(route, request, object);
    return respond(representation, 200, text);
  };

  return async (route, request, user) => {
    switch (route.verb) {
      case 'get':
        return get(route, request);
      case 'list':
        return list(route, request, negotiate(request.headers.accept));
      case 'watch':
        return watch(route, request, negotiate(request.headers.accept));
      case 'create':
        return create(route, request, user);
      case 'update':
        return update(route, request, user);
      case 'patch':
        return patch(route, request);
      case 'delete':
        return remove(route, request);
      default:
        return removeCollection(route, request, negotiate(request.headers.accept));
    }
  };
}

/** Some clients send delete options without a content type, or as the type of what is deleted. */
function parseDeleteBody(request: SandboxRequest): JsonObject | undefined {
  const isJson = mediaTypeOf(request).endsWith('json');
  return isJson && request.body !== '' ? (parseText(request.body, false) as JsonObject) : readBody(request);
}
