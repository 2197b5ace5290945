import { DescribeExecutionCommand, SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import type { Executions } from '../ports.ts';
import { callAws } from '../service-errors.ts';

const NO_EXECUTION = /^(ExecutionDoesNotExist|InvalidArn)$/;

/**
 * Reach Step Functions executions through the SDK.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
export function createExecutions(client: SFNClient): Executions {
  return {
    async isRunning(executionArn) {
      const command = new DescribeExecutionCommand({ executionArn });
      return callAws(
        'states:DescribeExecution',
        // A run that waits to be redriven will go on where it stopped, so it still counts.
        () => client.send(command).then(({ status }) => status === 'RUNNING' || status === 'PENDING_REDRIVE'),
        ({ code }) => (NO_EXECUTION.test(code) ? { answer: false } : undefined),
      );
    },
  };
}

export const connectExecutions = (config: SFNClientConfig): Executions => createExecutions(new SFNClient(config));
