import type { StepFunctions } from '../../step-functions/state-machines.ts';
import type { AwsService } from '../aws-service.ts';
import { validationRefusal } from '../input-refusals.ts';
import { createService } from '../service-from-actions.ts';
import { definitionActions } from './actions/definitions.ts';
import { executionActions } from './actions/executions.ts';
import { mapRunActions } from './actions/map-runs.ts';
import { stateMachineActions } from './actions/state-machines.ts';
import type { SeeExecution } from './as-of.ts';

/**
 * Offer the state machines of a sandbox as AWS Step Functions.
 *
 * @param see what descriptions and lists show of an execution; as it is, unless given
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/Welcome.html
 */
export const createStepFunctionsService = (
  stepFunctions: StepFunctions,
  see: SeeExecution = (execution) => execution,
): AwsService =>
  createService(
    'states',
    { protocol: 'aws-json', targetPrefix: 'AWSStepFunctions' },
    validationRefusal('ValidationException'),
    {
      ...stateMachineActions(stepFunctions),
      ...executionActions(stepFunctions, see),
      ...mapRunActions(stepFunctions),
      ...definitionActions,
    },
  );
