import { awsError } from '../../aws-error.ts';
import { list, string, structure } from '../../input-shapes.ts';

/** The `Filters` parameter of EC2's describe actions. */
export const filtersShape = list(structure({ Name: string, Values: list(string, 'Value') }), 'Filter');

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

type TextsOf<T> = (item: T) => readonly (string | undefined)[];

/** The texts of an item that each filter compares. */
export type FieldsByFilter<T> = Readonly<Record<string, TextsOf<T>>>;

const toPattern = (value: string) =>
  new RegExp(
    `^${value
      .replace(/[.+^${}()|[\]]/g, '\\$&')
      .replace(/\\?\*/g, '.*')
      .replace(/\\?\?/g, '.')}$`,
    's',
  );

/**
 * Make a test of EC2 filters: every filter must match, by any of its values; `*` and `?` are wildcards.
 *
 * @param fields  what each filter compares
 * @param tagsOf  tags, for `tag:KEY`, `tag-key` and `tag-value`
 * @throws InvalidParameterValue for a filter that the action does not have
 */
export function matcherOf<T>(
  filters: readonly Filter[] | undefined,
  fields: FieldsByFilter<T>,
  tagsOf: (item: T) => Readonly<Record<string, string>> = () => ({}),
): (item: T) => boolean {
  const tests = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const textsOf = fieldOf(Name, fields, tagsOf);
    if (textsOf === undefined) throw awsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
    const exact = new Set(Values);
    const patterns = Values.filter((value) => /[*?]/.test(value)).map(toPattern);
    return (item: T) =>
      textsOf(item).some(
        (text) => text !== undefined && (exact.has(text) || patterns.some((pattern) => pattern.test(text))),
      );
  });
  return (item) => tests.every((test) => test(item));
}

function fieldOf<T>(
  name: string,
  fields: FieldsByFilter<T>,
  tagsOf: (item: T) => Readonly<Record<string, string>>,
): TextsOf<T> | undefined {
  if (name.startsWith('tag:')) return (item) => [tagsOf(item)[name.slice('tag:'.length)]];
  if (name === 'tag-key') return (item) => Object.keys(tagsOf(item));
  if (name === 'tag-value') return (item) => Object.values(tagsOf(item));
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
