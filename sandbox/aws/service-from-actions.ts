import { type AwsError, awsError } from './aws-error.ts';
import type { AwsService, CallContext, ServiceApi } from './aws-service.ts';
import type { Refusal } from './input-refusals.ts';
import { checkInput, type InputOf, type Members } from './input-shapes.ts';

/** One action of a service: what it takes, and what it does. */
export interface Action {
  readonly input: Members;
  readonly run: (input: Record<string, unknown>, context: CallContext) => Record<string, unknown>;
}

/** Define an action; the type of what `run` gets follows from the shapes. */
export const action = <M extends Members>(
  input: M,
  run: (input: InputOf<M>, context: CallContext) => Record<string, unknown>,
): Action => ({
  input,
  // checkInput has established the type before `run` is called.
  run: run as unknown as Action['run'],
});

/** The error of a service for an action that it does not have. */
const unknownAction = (api: Omit<ServiceApi, 'inputs'>, name: string): AwsError => {
  if (api.protocol === 'ec2-query')
    return awsError('InvalidAction', `The action ${name} is not valid for this web service.`);
  if (api.protocol === 'aws-query')
    return awsError('InvalidAction', `Could not find operation ${name} for version ${api.version}`);
  return awsError('UnknownOperationException', `The operation ${name} is not known to this service.`);
};

/** Put actions together into a service that checks every input against its shapes. */
export function createService(
  name: string,
  api: Omit<ServiceApi, 'inputs'>,
  refuse: Refusal,
  actions: Readonly<Record<string, Action>>,
): AwsService {
  return {
    name,
    ...(api.targetPrefix === undefined ? {} : { targetPrefix: api.targetPrefix }),
    api: {
      ...api,
      inputs: Object.fromEntries(Object.entries(actions).map(([actionName, { input }]) => [actionName, input])),
    },
    dispatch(actionName, input, context) {
      const found = Object.hasOwn(actions, actionName) ? actions[actionName] : undefined;
      if (found === undefined) throw unknownAction(api, actionName);
      const [first, ...rest] = checkInput(found.input, input);
      if (first !== undefined) throw refuse([first, ...rest]);
      return found.run(input, context);
    },
  };
}
