import type { KubernetesObject } from '../../objects.ts';
import { ageOf } from '../human-duration.ts';

/** One column of `kubectl get`; columns of priority 1 appear with `-o wide`. */
export interface Column<Kind = KubernetesObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly format?: 'name';
  readonly priority: 0 | 1;
  readonly cell: (object: Kind, nowMilliseconds: number) => string | number | boolean;
}

type Cell<Kind> = Column<Kind>['cell'];

/** What stands where there is nothing to show. */
export const NONE = '<none>';

/** A column of text. */
export const text = <Kind>(name: string, cell: Cell<Kind>): Column<Kind> => ({
  name,
  type: 'string',
  priority: 0,
  cell,
});

/** A column of numbers. */
export const count = <Kind>(name: string, cell: Cell<Kind>): Column<Kind> => ({
  name,
  type: 'integer',
  priority: 0,
  cell,
});

/** A column of `true` and `false`. */
export const flag = <Kind>(name: string, cell: (object: Kind) => boolean): Column<Kind> => ({
  name,
  type: 'boolean',
  priority: 0,
  cell,
});

/** The column only with `-o wide`. */
export const wide = <Kind>(column: Column<Kind>): Column<Kind> => ({ ...column, priority: 1 });

export const NAME: Column = { ...text('Name', ({ metadata }) => metadata.name), format: 'name' };

export const AGE: Column = text('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));

/** Labels as `kubectl` prints them. */
export const labelPairs = (labels: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',') || NONE;
