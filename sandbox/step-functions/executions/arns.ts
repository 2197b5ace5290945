/** Where resources are, for their ARNs. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** What the names of the deployed Lambda functions start with; `service-stage-` of serverless.yml. */
const FUNCTION_PREFIX = 'eks-nodegroup-upgrade-dev-';

const states = ({ region, accountId }: Place, resource: string): string =>
  `arn:aws:states:${region}:${accountId}:${resource}`;

export const stateMachineArn = (place: Place, name: string): string => states(place, `stateMachine:${name}`);

/** For a child execution, `machineName` is `NAME/LABEL`. */
export const executionArn = (place: Place, machineName: string, name: string): string =>
  states(place, `execution:${machineName}:${name}`);

export const mapRunArn = (place: Place, machineName: string, label: string, id: string): string =>
  states(place, `mapRun:${machineName}/${label}:${id}`);

export const roleArn = ({ accountId }: Place, machineName: string): string =>
  `arn:aws:iam::${accountId}:role/${machineName}-role`;

export const functionArn = ({ region, accountId }: Place, functionKey: string): string =>
  `arn:aws:lambda:${region}:${accountId}:function:${FUNCTION_PREFIX}${functionKey}`;
