import { isEqualJson } from '../../equality.ts';
import { failures } from '../failures.ts';
import { isJsonObject } from './json-value.ts';

interface Operation {
  readonly op?: string;
  readonly path?: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Operations that one patch may have. */
const MOST_OPERATIONS = 10_000;

/** kube-apiserver says no more than that, whatever does not apply. */
const refuse = () => failures.unprocessable('the server rejected our request due to an error in our request');

/** Split an RFC 6901 pointer into its unescaped tokens. */
function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw refuse();
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The position that a token means in a list; -1 is the last one. */
function indexIn(token: string, length: number): number {
  if (!/^-?\d+$/.test(token)) throw refuse();
  const index = Number(token) < 0 ? Number(token) + length : Number(token);
  if (index < 0 || index >= length) throw refuse();
  return index;
}

/** The value at a place; a missing member of an object that is there is null, as for the Go library behind kube-apiserver. */
function valueAt(document: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce((value, token, depth) => {
    if (Array.isArray(value)) return value[indexIn(token, value.length)];
    if (isJsonObject(value) && Object.hasOwn(value, token)) return value[token];
    if (isJsonObject(value) && depth === tokens.length - 1) return null;
    throw refuse();
  }, document);
}

/** Copy the containers along a path and change the last one; `edit` gets a fresh copy of it. */
function editAt(
  document: unknown,
  tokens: readonly string[],
  edit: (container: unknown[] | Record<string, unknown>, token: string) => void,
): unknown {
  const [token = '', ...rest] = tokens;
  if (!Array.isArray(document) && !isJsonObject(document)) throw refuse();
  const container: unknown[] | Record<string, unknown> = Array.isArray(document) ? [...document] : { ...document };
  if (rest.length === 0) {
    edit(container, token);
    return container;
  }
  const key = Array.isArray(container) ? indexIn(token, container.length) : token;
  const inner = (container as Record<string | number, unknown>)[key];
  if (inner === undefined) throw refuse();
  (container as Record<string | number, unknown>)[key] = editAt(inner, rest, edit);
  return container;
}

function add(document: unknown, path: string, value: unknown): unknown {
  const tokens = tokensOf(path);
  if (tokens.length === 0) return value;
  return editAt(document, tokens, (container, token) => {
    if (!Array.isArray(container)) container[token] = value;
    else if (token === '-') container.push(value);
    else container.splice(indexIn(token, container.length + 1), 0, value);
  });
}

function remove(document: unknown, path: string): unknown {
  const tokens = tokensOf(path);
  if (tokens.length === 0) throw refuse();
  return editAt(document, tokens, (container, token) => {
    if (Array.isArray(container)) container.splice(indexIn(token, container.length), 1);
    else if (Object.hasOwn(container, token)) delete container[token];
    else throw refuse();
  });
}

/** A missing member is added, which RFC 6902 forbids; a missing element is not. */
function replace(document: unknown, path: string, value: unknown): unknown {
  const tokens = tokensOf(path);
  if (tokens.length === 0) return value;
  return editAt(document, tokens, (container, token) => {
    if (Array.isArray(container)) container[indexIn(token, container.length)] = value;
    else container[token] = value;
  });
}

function applyOperation(document: unknown, { op, path, from, value = null }: Operation): unknown {
  if (path === undefined) throw refuse();
  switch (op) {
    case 'add':
      return add(document, path, value);
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, value);
    case 'copy':
    case 'move': {
      if (from === undefined) throw refuse();
      const moved = valueAt(document, tokensOf(from));
      return add(op === 'move' ? remove(document, from) : document, path, moved);
    }
    case 'test':
      if (!isEqualJson(valueAt(document, tokensOf(path)), value)) throw refuse();
      return document;
    default:
      throw refuse();
  }
}

const goTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

const undecodable = (value: unknown, into: string) =>
  failures.badRequest(`error decoding patch: json: cannot unmarshal ${goTypeOf(value)} into Go ${into}`);

function readOperation(operation: unknown): Operation {
  if (operation === null) return {};
  if (!isJsonObject(operation)) throw undecodable(operation, 'value of type handlers.jsonPatchOp');
  for (const name of ['op', 'path', 'from'] as const) {
    const value = operation[name];
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw undecodable(value, `struct field jsonPatchOp.${name} of type string`);
  }
  return operation as Operation;
}

/**
 * Apply an RFC 6902 patch as kube-apiserver does.
 *
 * @throws ApiFailure 400 for something that is no patch, 413 for too many operations, 422 when one does not apply
 * @see https://www.rfc-editor.org/rfc/rfc6902
 * @see https://github.com/evanphx/json-patch/blob/v4.13.0/patch.go
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (patch === null) return document;
  if (!Array.isArray(patch)) throw undecodable(patch, 'value of type []handlers.jsonPatchOp');
  if (patch.length > MOST_OPERATIONS) throw failures.tooManyOperations(MOST_OPERATIONS, patch.length);
  return patch.map(readOperation).reduce<unknown>(applyOperation, document);
}
