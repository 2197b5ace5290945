import { awsError } from '../aws-error.ts';
import { boolean, integer, list, required, string, structure, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import type { RegionState } from '../region-state.ts';
import { type Action, action } from '../service-from-actions.ts';
import { parameterShape } from './responses.ts';

const MOST_A_PAGE = 10;

const findParameter = (state: RegionState, name: string) => {
  const value = state.parameters.get(name);
  return value === undefined ? undefined : parameterShape(state, name, value);
};

const getParametersByPath = (state: RegionState) =>
  action(
    {
      Path: required(within(string, 1)),
      Recursive: boolean,
      ParameterFilters: list(structure({ Key: required(string), Option: string, Values: list(string) })),
      WithDecryption: boolean,
      MaxResults: within(integer, 1, MOST_A_PAGE),
      NextToken: string,
    },
    ({ Path, Recursive = false, MaxResults = MOST_A_PAGE, NextToken }) => {
      if (!Path.startsWith('/'))
        throw awsError(
          'ValidationException',
          `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/".`,
        );
      const prefix = Path.endsWith('/') ? Path : `${Path}/`;
      const names = [...state.parameters.keys()]
        .filter((name) => name.startsWith(prefix) && (Recursive || !name.slice(prefix.length).includes('/')))
        .sort();
      const page = pageOf(
        names,
        (name) => name,
        { token: NextToken, size: MaxResults },
        () => awsError('InvalidNextToken', 'The specified token is not valid.'),
      );
      return { Parameters: page.items.map((name) => findParameter(state, name)), NextToken: page.nextToken };
    },
  );

/** Reading parameters. */
export const parameterActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  GetParameter: action({ Name: required(within(string, 1)), WithDecryption: boolean }, ({ Name }) => {
    const parameter = findParameter(state, Name);
    // The real service gives no message here but the SDKs' own.
    if (parameter === undefined) throw awsError('ParameterNotFound', '');
    return { Parameter: parameter };
  }),

  GetParameters: action(
    { Names: required(within(list(string), 1, MOST_A_PAGE)), WithDecryption: boolean },
    ({ Names }) => ({
      Parameters: Names.map((name) => findParameter(state, name)).filter((parameter) => parameter !== undefined),
      InvalidParameters: Names.filter((name) => !state.parameters.has(name)),
    }),
  ),

  GetParametersByPath: getParametersByPath(state),
});
