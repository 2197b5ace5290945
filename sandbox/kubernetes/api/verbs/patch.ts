import type { SandboxResponse } from '../../../server/http.ts';
import type { KubernetesObject } from '../../objects.ts';
import { readObject } from '../create.ts';
import { failures } from '../failures.ts';
import type { JsonObject } from '../patch/json-value.ts';
import { applyConfiguration } from '../patch/server-side-apply.ts';
import { type PatchRequest, readPatch } from '../patch-request.ts';
import { checkVersion } from '../preconditions.ts';
import { isDryRun, mediaTypeOf } from '../request-body.ts';
import { scaleOf, withScale } from '../scale.ts';
import { updateObject } from '../update.ts';
import { fromWire, toWire } from '../wire-object.ts';
import { answerWith } from './answer.ts';
import { authorOf } from './authorship.ts';
import { type Call, findObject, type VerbContext } from './call.ts';
import { checkFields } from './field-validation.ts';
import { saveObject } from './update.ts';

const STRATEGIC = 'application/strategic-merge-patch+json';
/** A merge by keys needs a type that the server knows. */
const CUSTOM_PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** Compute the object that a patch makes of the current one. */
async function patchedObject(
  call: Call,
  current: KubernetesObject,
  { apply }: Extract<PatchRequest, { type: 'change' }>,
) {
  const { definition, subresource } = call.route;
  if (subresource === 'scale') return { patched: withScale(current, apply(scaleOf(current))), warnings: {} };
  const shown = apply(toWire(definition, current));
  const warnings = await checkFields(call, shown);
  return { patched: fromWire(definition, shown), warnings };
}

/** Apply a configuration (server-side apply); it creates the object when there is none. */
async function apply(context: VerbContext, call: Call, configuration: JsonObject): Promise<SandboxResponse> {
  const { route, request } = call;
  const { definition, namespace, name = '' } = route;
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
  const warnings = await checkFields(call, sent);
  const live = context.store.get(definition.stored, namespace, name);
  const isForced = request.query.get('force') === 'true';
  if (live !== undefined) checkVersion(definition, live, sent);
  const applied = applyConfiguration(live, sent, authorOf(context, call, 'Apply'), isForced);
  if (live === undefined) {
    const created = context.createObject(definition, applied, isDryRun(request.query));
    return answerWith(context, call, created, { status: 201, warnings });
  }
  const stored = updateObject(context, route, live, applied, isDryRun(request.query), (object) => object);
  return answerWith(context, call, stored, { warnings });
}

/** Answer `patch`, whatever its type. */
export async function handlePatch(context: VerbContext, call: Call): Promise<SandboxResponse> {
  const change = readPatch(call.request);
  if (change.type === 'apply') return apply(context, call, change.configuration);
  const { definition } = call.route;
  if (definition.isCustom && mediaTypeOf(call.request) === STRATEGIC)
    throw failures.unsupportedMediaType(CUSTOM_PATCHES);
  const current = findObject(context, call.route);
  const { patched, warnings } = await patchedObject(call, current, change);
  return answerWith(context, call, saveObject(context, call, current, patched), { warnings });
}
