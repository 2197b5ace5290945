import type { Execution, StateMachine } from '../../step-functions/executions/execution.ts';
import type { MapRun } from '../../step-functions/executions/map-run.ts';
import type { StepFunctions } from '../../step-functions/state-machines.ts';
import { executionDoesNotExist, invalidArn, resourceNotFound, stateMachineDoesNotExist } from './refusals.ts';

type ResourceType = 'stateMachine' | 'execution' | 'mapRun';

/** @throws InvalidArn when a text is no ARN of Step Functions, or one of something else */
function checkArn(given: string, expected: ResourceType): void {
  const [prefix, , service, , , type = ''] = given.split(':');
  if (prefix !== 'arn' || service !== 'states') throw invalidArn(`Invalid ARN prefix: ${given}`);
  if (type !== expected) throw invalidArn(`Resource type not valid in this context: ${type}`);
}

/** Find a state machine. @throws InvalidArn, StateMachineDoesNotExist */
export function getMachine(stepFunctions: StepFunctions, arn: string): StateMachine {
  checkArn(arn, 'stateMachine');
  const machine = stepFunctions.findMachine(arn);
  if (machine === undefined) throw stateMachineDoesNotExist(arn);
  return machine;
}

/** Find a state machine by an ARN that might name any resource. @throws InvalidArn, ResourceNotFound */
export function getTaggedMachine(stepFunctions: StepFunctions, arn: string): StateMachine {
  checkArn(arn, 'stateMachine');
  const machine = stepFunctions.findMachine(arn);
  if (machine === undefined) throw resourceNotFound(arn);
  return machine;
}

/** Find an execution. @throws InvalidArn, ExecutionDoesNotExist */
export function getExecution(stepFunctions: StepFunctions, arn: string): Execution {
  checkArn(arn, 'execution');
  const execution = stepFunctions.findExecution(arn);
  if (execution === undefined) throw executionDoesNotExist(arn);
  return execution;
}

/** Find a Map Run. @throws InvalidArn, ResourceNotFound */
export function getMapRun(stepFunctions: StepFunctions, arn: string): MapRun {
  checkArn(arn, 'mapRun');
  const run = stepFunctions.findMapRun(arn);
  if (run === undefined) throw resourceNotFound(arn);
  return run;
}
