/**
 * What an action takes, said once and used three times: the protocols read the wire by it, `checkInput` refuses by
 * it, and TypeScript infers the type of the action's input from it.
 */
export interface Shape<T = unknown> {
  readonly kind: 'string' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'list' | 'map' | 'structure';
  readonly isRequired?: boolean;
  /** Values of an enum. */
  readonly choices?: readonly string[];
  /** Bounds of a number, or of the length of a string or list. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Name on the wire where the EC2 query protocol has another than the member's own, e.g. `InstanceId` for `InstanceIds`. */
  readonly wireName?: string;
  readonly element?: Shape;
  readonly members?: Members;
  /** Carries the type only; never set. */
  readonly type?: T;
}

export type Members = Readonly<Record<string, Shape>>;

type TypeOf<S> = S extends Shape<infer T> ? T : never;
type RequiredNames<M> = { [K in keyof M]: M[K] extends { readonly isRequired: true } ? K : never }[keyof M];

/** The type of an input with these members. */
export type InputOf<M extends Members> = { [K in RequiredNames<M>]: TypeOf<M[K]> } & {
  [K in Exclude<keyof M, RequiredNames<M>>]?: TypeOf<M[K]> | undefined;
};

export const string: Shape<string> = { kind: 'string' };
export const integer: Shape<number> = { kind: 'integer' };
export const double: Shape<number> = { kind: 'double' };
export const boolean: Shape<boolean> = { kind: 'boolean' };
export const timestamp: Shape<Date> = { kind: 'timestamp' };

/** One of these values. */
export const choice = <const C extends readonly string[]>(...choices: C): Shape<C[number]> => ({
  kind: 'string',
  choices,
});

/** A list; `wireName` as in `Shape`. */
export const list = <T>(element: Shape<T>, wireName?: string): Shape<T[]> => ({
  kind: 'list',
  element,
  ...(wireName === undefined ? {} : { wireName }),
});

/** Names and texts, whatever the names; JSON protocols only. */
export const map: Shape<Record<string, string>> = { kind: 'map' };

/** A structure with these members. */
export const structure = <M extends Members>(members: M): Shape<InputOf<M>> => ({ kind: 'structure', members });

/** A member that must be given. */
export const required = <T>(shape: Shape<T>): Shape<T> & { readonly isRequired: true } => ({
  ...shape,
  isRequired: true,
});

/** A number, or the length of a string or list, within bounds. */
export const within = <T>(shape: Shape<T>, atLeast: number, atMost?: number): Shape<T> => ({
  ...shape,
  atLeast,
  ...(atMost === undefined ? {} : { atMost }),
});

/** A member with another name in the EC2 query protocol. */
export const named = <S extends Shape>(wireName: string, shape: S): S => ({ ...shape, wireName });

/** What is wrong with one member of an input. */
export interface InputProblem {
  readonly kind: 'missing' | 'enum' | 'type' | 'small' | 'large';
  /** Member names from the top, e.g. `Tags.1.Key`. */
  readonly path: readonly string[];
  readonly shape: Shape;
  readonly value: unknown;
}

const measure = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' || Array.isArray(value) ? value.length : Number.NaN;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasKind = (shape: Shape, value: unknown): boolean => {
  if (shape.kind === 'integer') return Number.isInteger(value);
  if (shape.kind === 'double') return typeof value === 'number' && !Number.isNaN(value);
  if (shape.kind === 'timestamp') return value instanceof Date && !Number.isNaN(value.getTime());
  if (shape.kind === 'list') return Array.isArray(value);
  if (shape.kind === 'map') return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
  if (shape.kind === 'structure') return isObject(value);
  return typeof value === shape.kind;
};

function* problemsOf(shape: Shape, value: unknown, path: readonly string[]): Generator<InputProblem> {
  if (value === undefined || value === null) {
    if (shape.isRequired) yield { kind: 'missing', path, shape, value };
    return;
  }
  if (!hasKind(shape, value)) {
    yield { kind: 'type', path, shape, value };
    return;
  }
  if (shape.choices !== undefined && !shape.choices.includes(value as string))
    yield { kind: 'enum', path, shape, value };
  if (shape.atLeast !== undefined && measure(value) < shape.atLeast) yield { kind: 'small', path, shape, value };
  if (shape.atMost !== undefined && measure(value) > shape.atMost) yield { kind: 'large', path, shape, value };
  if (shape.kind === 'list') {
    for (const [index, element] of (value as unknown[]).entries())
      yield* problemsOf(shape.element as Shape, element, [...path, String(index + 1)]);
  }
  if (shape.kind === 'structure') yield* problemsOfMembers(shape.members as Members, value as object, path);
}

function* problemsOfMembers(members: Members, value: object, path: readonly string[]): Generator<InputProblem> {
  for (const [name, shape] of Object.entries(members))
    yield* problemsOf(shape, (value as Record<string, unknown>)[name], [...path, name]);
}

/** Find everything that is wrong with an input, in the order of its members; undeclared members are ignored. */
export const checkInput = (members: Members, input: Record<string, unknown>): InputProblem[] => [
  ...problemsOfMembers(members, input, []),
];
