import { parse as parseYaml } from 'yaml';
import type { SandboxRequest } from '../../server/http.ts';
import { failures } from './failures.ts';
import { isJsonObject, type JsonObject } from './patch/json-value.ts';
import { decodeProtobuf } from './protobuf/decode.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const BODY_TYPES = ['application/json', 'application/yaml', PROTOBUF];

/** Media type of a request's body, without its parameters. */
export const mediaTypeOf = ({ headers }: SandboxRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/**
 * Read JSON, or YAML.
 *
 * @throws ApiFailure 400
 */
export function parseText(text: string, isYaml: boolean): unknown {
  try {
    return isYaml ? parseYaml(text) : JSON.parse(text);
  } catch (error) {
    throw failures.badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

/**
 * Read the object in a request's body.
 *
 * @returns `undefined` for an empty body
 * @throws ApiFailure 400, 415
 */
export function readBody(request: SandboxRequest): JsonObject | undefined {
  if (request.body === '') return undefined;
  const mediaType = mediaTypeOf(request);
  if (mediaType === PROTOBUF) return decodeProtobuf(request.body);
  if (mediaType !== '' && mediaType !== 'application/json' && mediaType !== 'application/yaml')
    throw failures.unsupportedMediaType(BODY_TYPES);
  const body = parseText(request.body, mediaType === 'application/yaml');
  if (!isJsonObject(body)) throw failures.badRequest('the object provided is unrecognized: a JSON object is expected');
  return body;
}

/**
 * Tell whether nothing is to be stored.
 *
 * @param given `dryRun` of the body, where it has one
 * @throws ApiFailure 422 for another value than `All`
 */
export function isDryRun(query: URLSearchParams, given?: unknown): boolean {
  const stages = [...query.getAll('dryRun'), ...(Array.isArray(given) ? given : [])].filter((stage) => stage !== '');
  const wrong = stages.find((stage) => stage !== 'All');
  if (wrong !== undefined)
    throw failures.invalid('meta.k8s.io', 'CreateOptions', '', [
      {
        reason: 'FieldValueNotSupported',
        field: 'dryRun',
        message: `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
      },
    ]);
  return stages.length > 0;
}
