/** A piece of an intrinsic call. A `text` still has its backslashes: `States.Format` must distinguish `\{` from `{`. */
export type Expression =
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly source: string;
      readonly parameters: readonly Expression[];
    }
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'text'; readonly escaped: string }
  | { readonly kind: 'literal'; readonly value: number | boolean | null };

const CALL = /\s*(States\.[A-Za-z0-9]+)\(\s*/y;
const TEXT = /\s*'((?:[^'\\]|\\.)*)'\s*/y;
const NUMBER = /\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*/y;
const WORD = /\s*(null|true|false)\s*/y;
const PATH = /\s*(\$\$?(?:\.\*|\.[^\s.[\]()*,'"$?@:]+|\[(?:[^\]'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\])*)\s*/y;
const COMMA = /,\s*/y;
const CLOSE = /\)\s*/y;

/** Take the backslashes out of a text argument. */
export const unescapeText = (escaped: string): string => escaped.replace(/\\(.)/gs, '$1');

/**
 * Parse a call of an intrinsic function, e.g. `States.Format('{}-{}', $.name, States.UUID())`.
 *
 * @throws Error with the position of the fault
 */
export function parseIntrinsic(source: string): Expression & { kind: 'call' } {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(source);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  const fault = (expected: string) =>
    new Error(`'${source}' is not a valid intrinsic call: ${expected} expected at position ${position + 1}`);

  const parseCall = (): (Expression & { kind: 'call' }) | undefined => {
    const start = position;
    const name = take(CALL)?.[1];
    if (name === undefined) return undefined;
    const parameters: Expression[] = [];
    if (take(CLOSE) === null) {
      do parameters.push(parseArgument());
      while (take(COMMA) !== null);
      if (take(CLOSE) === null) throw fault("',' or ')'");
    }
    return { kind: 'call', name, source: source.slice(start, position).trim(), parameters };
  };

  const parseArgument = (): Expression => {
    const call = parseCall();
    if (call !== undefined) return call;
    const path = take(PATH)?.[1];
    if (path !== undefined) return { kind: 'path', text: path };
    const escaped = take(TEXT)?.[1];
    if (escaped !== undefined) return { kind: 'text', escaped };
    const number = take(NUMBER)?.[1];
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const word = take(WORD)?.[1];
    if (word !== undefined) return { kind: 'literal', value: word === 'null' ? null : word === 'true' };
    throw fault("a path, 'text', a number, true, false, null or a nested call");
  };

  const call = parseCall();
  if (call === undefined) throw fault('States.NAME(');
  if (position < source.length) throw fault('the end');
  return call;
}
