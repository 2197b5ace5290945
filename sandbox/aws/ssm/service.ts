import { awsError } from '../aws-error.ts';
import type { AwsService } from '../aws-service.ts';
import { boolean, integer, list, required, string, structure, within } from '../input-shapes.ts';
import { pageOf } from '../pages.ts';
import type { RegionState } from '../region-state.ts';
import { action, createService, validationRefusal } from '../service-from-actions.ts';

const MOST_A_PAGE = 10;

/**
 * SSM Parameter Store: the public parameters of the scenario's AMIs, and the scenario's own.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
 */
export function createSsmService({ parameters, scenario, startedAt }: RegionState): AwsService {
  const parameterShape = (name: string, value: string) => ({
    Name: name,
    Type: 'String',
    Value: value,
    Version: 1,
    LastModifiedDate: new Date(startedAt),
    // Public parameters belong to no account.
    ARN: `arn:aws:ssm:${scenario.region}:${name.startsWith('/aws/service/') ? '' : scenario.accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
    DataType: 'text',
  });
  const find = (name: string) => {
    const value = parameters.get(name);
    return value === undefined ? undefined : parameterShape(name, value);
  };

  return createService(
    'ssm',
    { protocol: 'aws-json', targetPrefix: 'AmazonSSM' },
    validationRefusal('ValidationException'),
    {
      GetParameter: action({ Name: required(within(string, 1)), WithDecryption: boolean }, ({ Name }) => {
        const parameter = find(Name);
        // The real service gives no message here but the SDKs' own.
        if (parameter === undefined) throw awsError('ParameterNotFound', '');
        return { Parameter: parameter };
      }),
      GetParameters: action(
        { Names: required(within(list(string), 1, MOST_A_PAGE)), WithDecryption: boolean },
        ({ Names }) => ({
          Parameters: Names.map(find).filter((parameter) => parameter !== undefined),
          InvalidParameters: Names.filter((name) => find(name) === undefined),
        }),
      ),
      GetParametersByPath: action(
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
          const names = [...parameters.keys()]
            .filter((name) => name.startsWith(prefix) && (Recursive || !name.slice(prefix.length).includes('/')))
            .sort();
          const page = pageOf(
            names,
            (name) => name,
            { token: NextToken, size: MaxResults },
            () => awsError('InvalidNextToken', 'The specified token is not valid.'),
          );
          return { Parameters: page.items.map(find), NextToken: page.nextToken };
        },
      ),
    },
  );
}
