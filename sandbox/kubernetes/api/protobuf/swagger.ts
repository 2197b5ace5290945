import { isJsonObject, type JsonObject, jsonObjectIn } from '../patch/json-value.ts';
import { field, message, repeated } from './encode.ts';

/**
 * Writes an OpenAPI v2 document as the protobuf that Go clients ask for. Only what the sandbox's documents have is written.
 *
 * @see https://github.com/google/gnostic-models/blob/v0.7.0/openapiv2/OpenAPIv2.proto
 */

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `NamedPathItem`, `NamedSchema` and their like. */
const named = (name: string, value: Buffer) => message(field(1, name), field(2, value));

const entries = (value: unknown, write: (member: JsonObject) => Buffer): readonly Buffer[] =>
  Object.entries(jsonObjectIn(value)).map(([name, member]) => named(name, write(jsonObjectIn(member))));

/** Extensions are YAML, of which JSON is a part. */
const extensions = (object: JsonObject): readonly Buffer[] =>
  Object.entries(object)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => named(name, field(2, JSON.stringify(value))));

function schema(object: JsonObject): Buffer {
  const { additionalProperties, items, type } = object;
  return message(
    field(1, textIn(object.$ref)),
    field(2, textIn(object.format)),
    field(4, textIn(object.description)),
    isJsonObject(additionalProperties) ? field(21, field(1, schema(additionalProperties))) : field(21, undefined),
    typeof type === 'string' ? field(22, field(1, type)) : field(22, undefined),
    isJsonObject(items) ? field(23, field(1, schema(items))) : field(23, undefined),
    repeated(
      24,
      listIn(object.allOf).map((part) => schema(jsonObjectIn(part))),
    ),
    object.properties === undefined ? field(25, undefined) : field(25, repeated(1, entries(object.properties, schema))),
    repeated(31, extensions(object)),
  );
}

/** `ParametersItem` of a parameter in the query. */
function queryParameter({ name, type }: JsonObject): Buffer {
  const parameter = message(field(2, 'query'), field(4, textIn(name)), field(6, textIn(type)));
  return field(1, field(2, field(3, parameter)));
}

const response = ({ description }: JsonObject): Buffer => field(1, field(1, textIn(description)));

const operation = (object: JsonObject): Buffer =>
  message(
    repeated(
      8,
      listIn(object.parameters).map((parameter) => queryParameter(jsonObjectIn(parameter))),
    ),
    field(9, repeated(1, entries(object.responses, response))),
    repeated(13, extensions(object)),
  );

const pathItem = ({ get, patch }: JsonObject): Buffer =>
  message(field(2, operation(jsonObjectIn(get))), field(8, operation(jsonObjectIn(patch))));

/** Write a document. */
export function encodeSwagger({ swagger, info, paths, definitions }: JsonObject): Uint8Array {
  const { title, version } = jsonObjectIn(info);
  return message(
    field(1, textIn(swagger)),
    field(2, message(field(1, textIn(title)), field(2, textIn(version)))),
    field(8, repeated(2, entries(paths, pathItem))),
    field(9, repeated(1, entries(definitions, schema))),
  );
}
