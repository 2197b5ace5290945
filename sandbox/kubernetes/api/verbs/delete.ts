import type { SandboxRequest, SandboxResponse } from '../../../server/http.ts';
import type { KubernetesObject } from '../../objects.ts';
import { negotiate } from '../accept.ts';
import { type Deleted, deleteObject, readDeleteOptions } from '../deletion.ts';
import { sweepNamespace } from '../namespaces.ts';
import { type JsonObject, jsonObjectIn } from '../patch/json-value.ts';
import { isDryRun, mediaTypeOf, parseText, readBody } from '../request-body.ts';
import { jsonResponse, respond, statusSuccess } from '../responses.ts';
import { parseSelection, selectObjects } from '../selection.ts';
import { answerWith } from './answer.ts';
import { type Call, findObject, type VerbContext } from './call.ts';

/** Kinds that are answered with the deleted object instead of a Status. */
const RETURNED_WHEN_DELETED = new Set<string>([
  'pods',
  'persistentvolumes',
  'persistentvolumeclaims',
  'serviceaccounts',
  'csinodes',
  'storageclasses',
  'volumeattachments',
]);

/** Some clients send delete options without a content type, or as the type of what is deleted. */
function readOptionsBody(request: SandboxRequest): JsonObject | undefined {
  const isJson = mediaTypeOf(request).endsWith('json');
  return isJson && request.body !== '' ? jsonObjectIn(parseText(request.body, false)) : readBody(request);
}

function deleteOne(context: VerbContext, { route: { definition }, request }: Call, object: KubernetesObject): Deleted {
  const options = readDeleteOptions(request.query, readOptionsBody(request));
  const isDry = isDryRun(request.query, options.dryRun);
  const deleted = deleteObject(context, definition, object, options, { isDryRun: isDry });
  const isNewlyTerminating =
    definition.stored === 'namespaces' && !isDry && object.metadata.deletionTimestamp === undefined;
  if (isNewlyTerminating) context.clock.after(0, () => sweepNamespace(context, object.metadata.name));
  return deleted;
}

/** Answer `delete`. */
export function handleDelete(context: VerbContext, call: Call): SandboxResponse {
  const { definition } = call.route;
  const { object, isGone } = deleteOne(context, call, findObject(context, call.route));
  if (!isGone || RETURNED_WHEN_DELETED.has(definition.stored)) return answerWith(context, call, object);
  const { name, uid } = object.metadata;
  const { group, resource: kind } = definition;
  return jsonResponse(200, statusSuccess(200, { name, ...(group === '' ? {} : { group }), kind, uid }));
}

/** Answer `deletecollection` with the objects as they were. */
export function handleDeleteCollection(context: VerbContext, call: Call): SandboxResponse {
  const { route, request } = call;
  const representation = negotiate(request.headers.accept);
  const text = context.listObjects(route, request.query, representation);
  const selected = selectObjects(context.store, route.definition.stored, parseSelection(route, request.query));
  for (const object of selected) deleteOne(context, call, object);
  return respond(representation, 200, text);
}
