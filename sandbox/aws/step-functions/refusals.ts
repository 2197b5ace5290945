import { awsError } from '../aws-error.ts';

export const invalidArn = (message: string) => awsError('InvalidArn', `Invalid Arn: '${message}'`);
export const executionDoesNotExist = (arn: string) =>
  awsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
export const stateMachineDoesNotExist = (arn: string) =>
  awsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
export const resourceNotFound = (arn: string) =>
  awsError('ResourceNotFound', `Resource not found: '${arn}'`, { members: { resourceName: arn } });
export const invalidInput = (reason: string) =>
  awsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
export const invalid = (message: string) => awsError('ValidationException', message);
