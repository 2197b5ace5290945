import { isEqualJson } from '../../equality.ts';
import { failures } from '../failures.ts';
import { isJsonObject } from './json-value.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** kube-apiserver says no more than that; why is added as a cause. */
const refuse = ({ op }: Operation, why: string) =>
  failures.unprocessable('the server rejected our request due to an error in our request', `${op}: ${why}`);

/** Split an RFC 6901 pointer into its unescaped tokens. */
function tokensOf(operation: Operation, pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw refuse(operation, `"${pointer}" is not a JSON pointer`);
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexIn(operation: Operation, list: readonly unknown[], token: string, length: number): number {
  if (!/^(0|[1-9]\d*)$/.test(token) || Number(token) >= length)
    throw refuse(operation, `Unable to access invalid index: ${token} (length ${list.length})`);
  return Number(token);
}

function valueAt(operation: Operation, document: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce((value, token) => {
    if (Array.isArray(value)) return value[indexIn(operation, value, token, value.length)];
    if (isJsonObject(value) && Object.hasOwn(value, token)) return value[token];
    throw refuse(operation, `Unable to access nonexistent key: ${token}`);
  }, document);
}

/** Copy the containers along a path and change the last one; `edit` gets a fresh copy of it. */
function editAt(
  operation: Operation,
  document: unknown,
  tokens: readonly string[],
  edit: (container: unknown[] | Record<string, unknown>, token: string) => void,
): unknown {
  const [token = '', ...rest] = tokens;
  if (!Array.isArray(document) && !isJsonObject(document))
    throw refuse(operation, `doc is missing path: ${operation.path}: missing value`);
  const container: unknown[] | Record<string, unknown> = Array.isArray(document) ? [...document] : { ...document };
  if (rest.length === 0) {
    edit(container, token);
    return container;
  }
  const key = Array.isArray(container) ? indexIn(operation, container, token, container.length) : token;
  const inner = (container as Record<string | number, unknown>)[key];
  if (inner === undefined) throw refuse(operation, `doc is missing path: ${operation.path}: missing value`);
  (container as Record<string | number, unknown>)[key] = editAt(operation, inner, rest, edit);
  return container;
}

function add(operation: Operation, document: unknown, path: string, value: unknown): unknown {
  const tokens = tokensOf(operation, path);
  if (tokens.length === 0) return value;
  return editAt(operation, document, tokens, (container, token) => {
    if (!Array.isArray(container)) container[token] = value;
    else if (token === '-') container.push(value);
    else container.splice(indexIn(operation, container, token, container.length + 1), 0, value);
  });
}

function remove(operation: Operation, document: unknown, path: string): unknown {
  const tokens = tokensOf(operation, path);
  valueAt(operation, document, tokens);
  if (tokens.length === 0) return null;
  return editAt(operation, document, tokens, (container, token) => {
    if (Array.isArray(container)) container.splice(indexIn(operation, container, token, container.length), 1);
    else delete container[token];
  });
}

function replace(operation: Operation, document: unknown): unknown {
  const tokens = tokensOf(operation, operation.path);
  valueAt(operation, document, tokens);
  if (tokens.length === 0) return operation.value;
  return editAt(operation, document, tokens, (container, token) => {
    if (Array.isArray(container)) container[Number(token)] = operation.value;
    else container[token] = operation.value;
  });
}

function applyOperation(document: unknown, operation: Operation): unknown {
  switch (operation.op) {
    case 'add':
      return add(operation, document, operation.path, operation.value);
    case 'remove':
      return remove(operation, document, operation.path);
    case 'replace':
      return replace(operation, document);
    case 'copy':
    case 'move': {
      const from = operation.from ?? '';
      const value = valueAt(operation, document, tokensOf(operation, from));
      const source = operation.op === 'move' ? remove(operation, document, from) : document;
      return add(operation, source, operation.path, value);
    }
    case 'test':
      if (!isEqualJson(valueAt(operation, document, tokensOf(operation, operation.path)), operation.value ?? null))
        throw refuse(operation, `testing value ${operation.path} failed: test failed`);
      return document;
    default:
      throw failures.badRequest(`unexpected kind of operation: "${operation.op}"`);
  }
}

/**
 * Apply an RFC 6902 patch.
 *
 * @throws ApiFailure 400 for something that is no patch, 422 when an operation does not apply
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw failures.badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
  return patch.reduce<unknown>((result, operation) => {
    if (!isJsonObject(operation) || typeof operation.path !== 'string' || typeof operation.op !== 'string')
      throw failures.badRequest('error decoding patch: every operation needs "op" and "path"');
    return applyOperation(result, operation as unknown as Operation);
  }, document);
}
