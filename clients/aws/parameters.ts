import { GetParameterCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import type { Parameters } from '../ports.ts';
import { absentWhen, callAws } from './call-aws.ts';
import { requireMember } from './whole-answer.ts';

const noParameter = absentWhen(/^Parameter(Version)?NotFound$/);

/**
 * Reach SSM Parameter Store through the SDK.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export function createParameters(client: SSMClient): Parameters {
  return {
    async find(name) {
      const command = new GetParameterCommand({ Name: name });
      const found = await callAws('ssm:GetParameter', () => client.send(command), noParameter);
      return found && requireMember('ssm:GetParameter', found.Parameter?.Value);
    },
  };
}

export const connectParameters = (config: SSMClientConfig): Parameters => createParameters(new SSMClient(config));
