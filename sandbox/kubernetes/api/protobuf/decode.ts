import { isoSeconds } from '../../../world/clock.ts';
import { failures } from '../failures.ts';
import { type JsonObject, jsonObjectIn } from '../patch/json-value.ts';
import { fieldsOfMessage, type MessageField } from './message-fields.ts';

/** First bytes of every Kubernetes protobuf body. */
const MAGIC = Buffer.from('k8s\0', 'latin1');
const LENGTH_DELIMITED = 2;

/** One field as it stands on the wire. */
interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

function* wireFields(bytes: Buffer): Generator<WireField> {
  let offset = 0;
  const truncated = () => failures.badRequest('unexpected EOF in protobuf body');
  const varint = () => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[offset];
      if (byte === undefined) throw truncated();
      offset += 1;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, result));
    }
  };
  while (offset < bytes.length) {
    const key = varint();
    const wireType = key & 7;
    if (wireType !== 0 && wireType !== LENGTH_DELIMITED)
      throw failures.badRequest(`proto: illegal wireType ${wireType}`);
    const length = varint();
    if (wireType === 0) yield { number: key >>> 3, value: length };
    else {
      if (offset + length > bytes.length) throw truncated();
      yield { number: key >>> 3, value: bytes.subarray(offset, offset + length) };
      offset += length;
    }
  }
}

const decodeInstant = ({ seconds, nanos = 0 }: JsonObject, isMicro: boolean): string | undefined => {
  if (seconds === undefined) return undefined;
  const text = isoSeconds(Number(seconds) * 1000);
  return isMicro ? `${text.slice(0, 19)}.${String(Math.floor(Number(nanos) / 1000)).padStart(6, '0')}Z` : text;
};

/** Messages that JSON writes as a scalar. */
function decodeScalarMessage(type: string, message: JsonObject): unknown {
  switch (type) {
    case 'Time':
    case 'MicroTime':
      return decodeInstant(message, type === 'MicroTime');
    case 'Quantity':
      return message.string ?? '0';
    case 'IntOrString':
      return message.type === 1 ? (message.strVal ?? '') : (message.intVal ?? 0);
    default:
      return message;
  }
}

function decodeValue(type: string, value: number | Buffer, path: string): unknown {
  if (type === 'Ignored') return undefined;
  if (typeof value === 'number') return type === 'bool' ? value !== 0 : value;
  if (type === 'string') return value.toString('utf8');
  if (type === 'bytes') return value.toString('base64');
  return decodeScalarMessage(type, decodeMessage(type, value, path));
}

function decodeMapEntry({ type }: MessageField, entry: Buffer, path: string): [string, unknown] {
  let key = '';
  let value: unknown = type === 'string' || type === 'bytes' ? '' : undefined;
  for (const field of wireFields(entry)) {
    if (field.number === 1) key = field.value.toString();
    else value = decodeValue(type, field.value, path);
  }
  return [key, value];
}

const isAbsent = ({ isZeroAbsent }: MessageField, value: unknown) =>
  value === undefined || value === '' || (isZeroAbsent && (value === 0 || value === false));

/**
 * Read one message.
 *
 * @param path where it stands, for the refusal of fields that are not read
 */
function decodeMessage(message: string, bytes: Buffer, path: string): JsonObject {
  const fields = fieldsOfMessage(message);
  if (fields === undefined) throw failures.unreadableProtobuf(`${path}: messages of type ${message}`);
  const result: Record<string, unknown> = {};
  for (const { number, value } of wireFields(bytes)) {
    const field = fields.get(number);
    if (field === undefined) throw failures.unreadableProtobuf(`${path}: field ${number} of ${message}`);
    const fieldPath = `${path}.${field.name}`;
    if (field.shape === 'map') {
      const [key, entry] = decodeMapEntry(field, value as Buffer, fieldPath);
      result[field.name] = { ...jsonObjectIn(result[field.name]), [key]: entry };
    } else if (field.shape === 'list') {
      const list = result[field.name];
      result[field.name] = [...(Array.isArray(list) ? list : []), decodeValue(field.type, value, fieldPath)];
    } else {
      const decoded = decodeValue(field.type, value, fieldPath);
      if (!isAbsent(field, decoded)) result[field.name] = decoded;
    }
  }
  return result;
}

/**
 * Read an object that a Go client sent as protobuf, in its JSON form.
 *
 * @param body bytes as latin-1 text
 * @throws ApiFailure 400 for broken bytes, 415 naming a field or kind that is only read as JSON
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl
 */
export function decodeProtobuf(body: string): JsonObject {
  const bytes = Buffer.from(body, 'latin1');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw failures.badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const { typeMeta, raw } = decodeMessage('Unknown', bytes.subarray(MAGIC.length), 'body');
  const { apiVersion, kind } = jsonObjectIn(typeMeta);
  const object = decodeMessage(String(kind ?? ''), Buffer.from(String(raw ?? ''), 'base64'), String(kind ?? 'object'));
  return { ...(apiVersion === undefined ? {} : { apiVersion }), ...(kind === undefined ? {} : { kind }), ...object };
}
