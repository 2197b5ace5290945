import type { SandboxResponse } from '../../../server/http.ts';
import { bindPod } from '../binding.ts';
import { catalogOf } from '../catalog.ts';
import { readObject } from '../create.ts';
import { evictPod, readEvictionRequest } from '../eviction.ts';
import { failures } from '../failures.ts';
import { recordUpdate } from '../patch/managed-fields.ts';
import { isDryRun, readBody } from '../request-body.ts';
import { apiVersionOf } from '../resources.ts';
import { jsonResponse, statusSuccess } from '../responses.ts';
import { answerReview } from '../reviews.ts';
import { toWire } from '../wire-object.ts';
import { answerWith } from './answer.ts';
import { authorOf } from './authorship.ts';
import type { Call, VerbContext } from './call.ts';
import { checkFields } from './field-validation.ts';

/** Answer `create`: a new object, an eviction or binding of a pod, or a review. */
export async function handleCreate(context: VerbContext, call: Call): Promise<SandboxResponse> {
  const { route, request, user } = call;
  const { definition, namespace, name, subresource } = route;
  const body = readBody(request);
  if (subresource === 'eviction') {
    const read = () => readEvictionRequest(context, namespace, name ?? '', request.query, body);
    const { pod, isDry } = read();
    if (context.admitEviction !== undefined) await context.admitEviction(pod, isDry);
    // While somebody was asked, the pod may have changed.
    evictPod(context, read());
    return jsonResponse(201, statusSuccess(201));
  }
  if (subresource === 'binding') {
    bindPod(context, namespace, name ?? '', body, isDryRun(request.query));
    return jsonResponse(201, statusSuccess(201));
  }
  if (definition.isReview) {
    const { kind } = definition;
    const answered = answerReview(kind, catalogOf(context.store).resources, user, body, context.authorize);
    return jsonResponse(201, { kind, apiVersion: apiVersionOf(definition), metadata: {}, ...answered });
  }
  if (name !== undefined) throw failures.methodNotAllowed(definition, 'create');
  const sent = readObject(definition, route, body);
  const warnings = await checkFields(call, toWire(definition, sent));
  const recorded = recordUpdate(undefined, sent, authorOf(context, call, 'Update'));
  const created = context.createObject(definition, recorded, isDryRun(request.query));
  return answerWith(context, call, created, { status: 201, warnings });
}
