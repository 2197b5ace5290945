import type { RegionState } from '../region-state.ts';

/** A parameter as GetParameter shows it. */
export const parameterShape = ({ scenario, startedAt }: RegionState, name: string, value: string) => ({
  Name: name,
  Type: 'String',
  Value: value,
  Version: 1,
  LastModifiedDate: new Date(startedAt),
  // Public parameters belong to no account.
  ARN: `arn:aws:ssm:${scenario.region}:${name.startsWith('/aws/service/') ? '' : scenario.accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
  DataType: 'text',
});
