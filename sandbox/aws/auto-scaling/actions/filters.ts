import { type InputOf, list, string, structure } from '../../input-shapes.ts';

const filterMembers = { Name: string, Values: list(string) };

/** One filter of a request. */
export type Filter = InputOf<typeof filterMembers>;

/** The member `Filters`. */
export const filtersShape = list(structure(filterMembers));
