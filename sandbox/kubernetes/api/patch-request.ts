import type { SandboxRequest } from '../../server/http.ts';
import type { KubernetesObject } from '../objects.ts';
import { failures } from './failures.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { isJsonObject, type JsonObject } from './patch/json-value.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
import { mediaTypeOf, parseText } from './request-body.ts';

/** A patch as sent: one to compute a changed object from, or a configuration to apply. */
export type PatchRequest =
  | { readonly type: 'change'; readonly apply: (object: KubernetesObject) => KubernetesObject }
  | { readonly type: 'apply'; readonly configuration: JsonObject };

/** A patched object is still an object, and still the same one. */
function asObject(value: unknown, original: KubernetesObject): KubernetesObject {
  if (!isJsonObject(value) || !isJsonObject(value.metadata))
    throw failures.badRequest('the patch does not leave an object with metadata');
  const { apiVersion = original.apiVersion, kind = original.kind } = value;
  const object = { ...value, apiVersion, kind } as unknown as KubernetesObject;
  if (object.metadata.name !== original.metadata.name)
    throw failures.badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${original.metadata.name})`,
    );
  return object;
}

/**
 * Read a patch by its content type.
 *
 * @throws ApiFailure 400, 415
 */
export function readPatch(request: SandboxRequest): PatchRequest {
  const mediaType = mediaTypeOf(request);
  const body = () => parseText(request.body, mediaType === 'application/apply-patch+yaml');
  switch (mediaType) {
    case 'application/json-patch+json': {
      const patch = body();
      return { type: 'change', apply: (object) => asObject(applyJsonPatch(object, patch), object) };
    }
    case 'application/merge-patch+json': {
      const patch = body();
      if (!isJsonObject(patch)) throw failures.badRequest('error decoding patch: a merge patch is an object');
      return { type: 'change', apply: (object) => asObject(applyMergePatch(object, patch), object) };
    }
    case 'application/strategic-merge-patch+json': {
      const patch = body();
      return {
        type: 'change',
        apply: (object) => asObject(applyStrategicMergePatch(object, patch), object),
      };
    }
    case 'application/apply-patch+yaml': {
      const configuration = body();
      if (!isJsonObject(configuration)) throw failures.badRequest('error decoding YAML: an object is expected');
      return { type: 'apply', configuration };
    }
    default:
      throw failures.unknownPatchType();
  }
}
