import type { SandboxResponse } from '../../../server/http.ts';
import type { KubernetesObject } from '../../objects.ts';
import { negotiate } from '../accept.ts';
import type { ApiContext } from '../context.ts';
import { respond } from '../responses.ts';
import { scaleOf } from '../scale.ts';
import { includedObject, tableJson } from '../table.ts';
import { objectJson, partialMetadata } from '../wire-object.ts';
import type { Call } from './call.ts';

function render({ clock }: ApiContext, { route: { definition }, request }: Call, object: KubernetesObject): string {
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
}

/** Answer with one object, in the form that the client accepts; the scale of it where that was asked for. */
export function answerWith(
  context: ApiContext,
  call: Call,
  object: KubernetesObject,
  { status = 200, warnings = {} }: { status?: number; warnings?: Readonly<Record<string, string>> } = {},
): SandboxResponse {
  const isScale = call.route.subresource === 'scale';
  const text = isScale ? JSON.stringify(scaleOf(object)) : render(context, call, object);
  return respond(negotiate(call.request.headers.accept), status, text, warnings);
}
