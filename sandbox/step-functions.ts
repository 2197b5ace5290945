/** The state machines of a sandbox by themselves, and the AWS API over them. */
export { createAwsEndpoint } from './aws/endpoint.ts';
export { createStepFunctionsService } from './aws/step-functions/service.ts';
export type { MachineSource } from './step-functions/definition/machine-source.ts';
export type { Execution, ExecutionStatus, StateMachine } from './step-functions/executions/execution.ts';
export { type Json, toPayload } from './step-functions/expressions/json.ts';
export type { InvokeFunction } from './step-functions/interpreter/task.ts';
export { createStepFunctions, type StepFunctions } from './step-functions/state-machines.ts';
