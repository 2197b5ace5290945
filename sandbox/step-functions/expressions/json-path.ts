import { isJsonArray, isJsonObject, type Json } from './json.ts';
import { statesError } from './states-error.ts';

/** `[*]` or `.*`. */
const EVERY = Symbol('every');

type PathStep = string | number | typeof EVERY;

/** A parsed path: where it starts, and how it goes on. */
export interface JsonPath {
  /** Starts with `$$`: it reads the context object. */
  readonly isContext: boolean;
  readonly steps: readonly PathStep[];
  /** Has no `*`, so that it names at most one value. */
  readonly isDefinite: boolean;
}

const STEP = /\.\*|\.([^\s.[\]()*,'"$?@:]+)|\[\*\]|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

const stepOf = ([text, name, index, single, double]: RegExpExecArray): PathStep => {
  if (name !== undefined) return name;
  if (index !== undefined) return Number(index);
  const quoted = single ?? double;
  return quoted === undefined || text === '.*' ? EVERY : quoted.replace(/\\(.)/g, '$1');
};

/**
 * Parse a path of the subset: `$`, `.name`, `['name']`, `[0]`, `[*]`, `.*`, and `$$` for the context object.
 *
 * @throws Error with what is wrong, when the text is no such path
 */
export function parseJsonPath(text: string): JsonPath {
  const isContext = text.startsWith('$$');
  const steps: PathStep[] = [];
  if (!text.startsWith('$')) throw new Error(`'${text}' is not a path: it must start with $`);
  STEP.lastIndex = isContext ? 2 : 1;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(text);
    if (match === null) throw new Error(`'${text}' is not a path of the supported subset, from '${text.slice(at)}' on`);
    steps.push(stepOf(match));
  }
  return { isContext, steps, isDefinite: !steps.includes(EVERY) };
}

const member = (value: Json, step: string | number): Json | undefined => {
  if (typeof step === 'number') return isJsonArray(value) ? value[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
};

const members = (value: Json): readonly Json[] => {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
};

/**
 * Read what a path names in a document.
 *
 * A definite path gives its value, or `undefined` when there is none. One with `*` gives an array of the matches;
 * it is `undefined` only when the part before the first `*` names nothing.
 */
export function readJsonPath(path: JsonPath, document: Json): Json | undefined {
  let found: readonly Json[] = [document];
  let isBeforeEvery = true;
  for (const step of path.steps) {
    if (step === EVERY) {
      found = found.flatMap(members);
      isBeforeEvery = false;
      continue;
    }
    found = found.map((value) => member(value, step)).filter((value) => value !== undefined);
    if (isBeforeEvery && found.length === 0) return undefined;
  }
  return path.isDefinite ? found[0] : found;
}

const cannotPlace = (step: string | number, input: Json) =>
  statesError('States.ResultPathMatchFailure', `Unable to apply step "${step}" to input ${JSON.stringify(input)}`);

const place = (steps: readonly PathStep[], index: number, document: Json | undefined, value: Json): Json => {
  const step = steps[index];
  if (step === undefined || step === EVERY) return value;
  if (typeof step === 'string') {
    if (document !== undefined && !isJsonObject(document)) throw cannotPlace(step, document);
    const inner = document === undefined ? undefined : member(document, step);
    return { ...document, [step]: place(steps, index + 1, inner, value) };
  }
  if (document === undefined || !isJsonArray(document) || step >= document.length) {
    throw cannotPlace(step, document ?? null);
  }
  return document.with(step, place(steps, index + 1, document[step], value));
};

/**
 * Return the document with a value placed at a definite path; missing objects on the way are created.
 *
 * @throws States.ResultPathMatchFailure when something on the way is not an object, or an array is too short
 */
export const placeAtPath = (path: JsonPath, document: Json, value: Json): Json => place(path.steps, 0, document, value);
