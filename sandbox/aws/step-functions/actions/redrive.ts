import type { StepFunctions } from '../../../step-functions/state-machines.ts';
import { awsError } from '../../aws-error.ts';
import { string, within } from '../../input-shapes.ts';
import { action } from '../../service-from-actions.ts';
import { getExecution } from '../state.ts';
import { arnShape } from './arns.ts';

/** How long a client token makes requests the same. */
const TOKEN_MS = 15 * 60_000;

/**
 * Redrive an execution; a request with the token of an earlier one is that one.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export const redriveExecution = (stepFunctions: StepFunctions) => {
  const redrivesByToken = new Map<string, number>();
  return action({ executionArn: arnShape, clientToken: within(string, 1, 64) }, ({ executionArn, clientToken }) => {
    const execution = getExecution(stepFunctions, executionArn);
    const key = `${executionArn} ${clientToken}`;
    const earlierAt = clientToken === undefined ? undefined : redrivesByToken.get(key);
    if (earlierAt !== undefined && stepFunctions.now() - earlierAt < TOKEN_MS)
      return { redriveDate: new Date(earlierAt) };
    const reason = stepFunctions.whyNotRedrivable(execution);
    if (reason !== undefined) throw awsError('ExecutionNotRedrivable', reason);
    stepFunctions.redrive(execution);
    redrivesByToken.set(key, stepFunctions.now());
    return { redriveDate: new Date(stepFunctions.now()) };
  });
};
