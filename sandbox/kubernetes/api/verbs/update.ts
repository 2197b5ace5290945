import type { SandboxResponse } from '../../../server/http.ts';
import type { KubernetesObject } from '../../objects.ts';
import { accessRequest, denialText } from '../access.ts';
import { readObject } from '../create.ts';
import { failures } from '../failures.ts';
import { recordUpdate } from '../patch/managed-fields.ts';
import { isDryRun, readBody } from '../request-body.ts';
import { withScale } from '../scale.ts';
import { updateObject } from '../update.ts';
import { toWire } from '../wire-object.ts';
import { answerWith } from './answer.ts';
import { authorOf } from './authorship.ts';
import { type Call, findObject, type VerbContext } from './call.ts';
import { checkFields } from './field-validation.ts';

/** Store a changed object as an ordinary write of the caller. */
export function saveObject(
  context: VerbContext,
  call: Call,
  current: KubernetesObject,
  changed: KubernetesObject,
): KubernetesObject {
  const { route, request } = call;
  const author = authorOf(context, call, 'Update');
  return updateObject(context, route, current, changed, isDryRun(request.query), (object) =>
    recordUpdate(current, object, author),
  );
}

/** Create an object by PUT, as Leases and Events may be; that takes the right to create them. */
function createByPut(context: VerbContext, call: Call, sent: KubernetesObject): SandboxResponse {
  const { route, request, user } = call;
  const access = { ...accessRequest(route), verb: 'create' };
  if (!context.authorize(user, access))
    throw failures.forbidden(route.definition, route.name ?? '', denialText(user, access));
  const { resourceVersion: _ofAnother, ...metadata } = sent.metadata;
  const { uid, name, namespace } = metadata;
  if (uid)
    throw failures.conflict(
      route.definition,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${route.definition.resource}/${namespace}/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: `,
    );
  const author = authorOf(context, call, 'Update');
  const object = recordUpdate(undefined, { ...sent, metadata: { ...metadata, resourceVersion: '' } }, author);
  const created = context.createObject(route.definition, object, isDryRun(request.query));
  return answerWith(context, call, created, { status: 201 });
}

/** Answer `update` (PUT). */
export async function handleUpdate(context: VerbContext, call: Call): Promise<SandboxResponse> {
  const { route, request } = call;
  const { definition, subresource } = route;
  const body = readBody(request);
  if (subresource === 'scale') {
    const current = findObject(context, route);
    return answerWith(context, call, saveObject(context, call, current, withScale(current, body ?? {})));
  }
  const sent = readObject(definition, route, body);
  if (sent.metadata.name !== route.name)
    throw failures.badRequest(
      `the name of the object (${sent.metadata.name}) does not match the name on the URL (${route.name})`,
    );
  const warnings = await checkFields(call, toWire(definition, sent));
  const isAbsent = context.store.get(definition.stored, route.namespace, sent.metadata.name) === undefined;
  if (isAbsent && definition.isCreatedByPut) return createByPut(context, call, sent);
  const current = findObject(context, route);
  if (definition.needsVersionForPut && !sent.metadata.resourceVersion)
    throw failures.invalid(definition.group, definition.resource, sent.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  return answerWith(context, call, saveObject(context, call, current, sent), { warnings });
}
