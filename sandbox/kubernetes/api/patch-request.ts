import type { SandboxRequest } from '../../server/http.ts';
import type { KubernetesObject } from '../objects.ts';
import { withoutEmptyMaps } from './empty-maps.ts';
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

/** A label that is null is empty, as Go reads it. */
const withoutNulls = (values: unknown): unknown =>
  isJsonObject(values) ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value ?? ''])) : values;

function withTexts(metadata: JsonObject): JsonObject {
  const texts = (['labels', 'annotations'] as const).filter((field) => field in metadata);
  return { ...metadata, ...Object.fromEntries(texts.map((field) => [field, withoutNulls(metadata[field])])) };
}

/** A patched object is still an object, and still the same one. */
function asObject(value: unknown, original: KubernetesObject): KubernetesObject {
  const { name } = original.metadata;
  if (!isJsonObject(value) || !isJsonObject(value.metadata) || !value.metadata.name)
    throw failures.badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  const { apiVersion = original.apiVersion, kind = original.kind } = value;
  const object = {
    ...value,
    apiVersion,
    kind,
    metadata: withoutEmptyMaps(withTexts(value.metadata)),
  } as unknown as KubernetesObject;
  if (object.metadata.name !== name)
    throw failures.badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
    );
  return object;
}

/** Read JSON; what is wrong with it is said in the words of Go where it is only cut short. */
function readJson(text: string, prefix: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const isCut = text.trim() === '' || / end of /.test(message) || message.includes(`at position ${text.length} `);
    throw failures.badRequest(`${prefix}${isCut ? 'unexpected end of JSON input' : message}`);
  }
}

const notAnObject = (value: unknown) =>
  `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`;

const DECODING = 'error decoding patch: ';

/**
 * Read a patch by its content type. Whether it can be decoded shows when it is applied: an absent object is not found before.
 *
 * @throws ApiFailure 400, 415
 */
export function readPatch(request: SandboxRequest): PatchRequest {
  const mediaType = mediaTypeOf(request);
  const { body } = request;
  switch (mediaType) {
    case 'application/json-patch+json':
      return { type: 'change', apply: (object) => asObject(applyJsonPatch(object, readJson(body, DECODING)), object) };
    case 'application/merge-patch+json':
      return {
        type: 'change',
        apply(object) {
          const patch = readJson(body, DECODING);
          if (!isJsonObject(patch)) throw failures.badRequest(`${DECODING}${notAnObject(patch)}`);
          return asObject(applyMergePatch(object, patch), object);
        },
      };
    case 'application/strategic-merge-patch+json':
      return {
        type: 'change',
        apply: (object) => asObject(applyStrategicMergePatch(object, readJson(body, '')), object),
      };
    case 'application/apply-patch+yaml': {
      const configuration = parseText(body, true);
      if (!isJsonObject(configuration)) throw failures.badRequest('error decoding YAML: an object is expected');
      return { type: 'apply', configuration };
    }
    default:
      throw failures.unknownPatchType();
  }
}
