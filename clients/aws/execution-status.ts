import { DescribeExecutionCommand, SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import type { Executions } from '../ports.ts';
import { callAws } from './call-aws.ts';
import { requireMember } from './whole-answer.ts';

const NO_EXECUTION = /^(ExecutionDoesNotExist|InvalidArn)$/;

/**
 * Answer the one question that steps have about executions. A module of its own, so that the bundles of the functions
 * contain nothing else of Step Functions.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
export function createExecutionStatus(client: SFNClient): Pick<Executions, 'isRunning'> {
  return {
    async isRunning(executionArn) {
      const command = new DescribeExecutionCommand({ executionArn });
      return callAws(
        'states:DescribeExecution',
        // A run that waits to be redriven will go on where it stopped, so it still counts.
        async (action) => {
          const { status } = await client.send(command);
          return /^(RUNNING|PENDING_REDRIVE)$/.test(requireMember(action, status));
        },
        ({ code }) => (NO_EXECUTION.test(code) ? { answer: false } : undefined),
      );
    },
  };
}

export const connectExecutionStatus = (config: SFNClientConfig): Pick<Executions, 'isRunning'> =>
  createExecutionStatus(new SFNClient(config));
