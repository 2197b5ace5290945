import { type AwsError, awsError } from './aws-error.ts';
import type { AwsService, CallContext, ServiceApi } from './aws-service.ts';
import { checkInput, type InputOf, type InputProblem, type Members } from './input-shapes.ts';

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

/** Turns what is wrong with an input into the error that the real service gives. */
export type Refusal = (problems: readonly [InputProblem, ...InputProblem[]]) => AwsError;

const lowerFirst = (name: string) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

const constraint = ({ kind, shape }: InputProblem): string => {
  const length = shape.kind === 'integer' || shape.kind === 'double' ? 'value' : 'length';
  if (kind === 'missing') return 'Member must not be null';
  if (kind === 'enum') return `Member must satisfy enum value set: [${shape.choices?.join(', ')}]`;
  if (kind === 'small') return `Member must have ${length} greater than or equal to ${shape.atLeast}`;
  if (kind === 'large') return `Member must have ${length} less than or equal to ${shape.atMost}`;
  return `Member must be a ${shape.kind}`;
};

const describeProblem = (problem: InputProblem) => {
  const value = problem.value === undefined ? 'null' : `'${String(problem.value)}'`;
  const path = problem.path.map((name) => (/^\d+$/.test(name) ? `${name}.member` : lowerFirst(name))).join('.');
  return `Value ${value} at '${path}' failed to satisfy constraint: ${constraint(problem)}`;
};

/** The refusal of most services: `1 validation error detected: Value null at 'x' failed to satisfy constraint: …`. */
export const validationRefusal =
  (code: 'ValidationError' | 'ValidationException' | 'InvalidParameterException'): Refusal =>
  (problems) =>
    awsError(
      code,
      `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.map(describeProblem).join('; ')}`,
    );

/** The refusal of EC2, which names the first problem only. */
export const ec2Refusal: Refusal = ([{ kind, path, shape, value }]) => {
  const name = path.map((part, index) => (index === path.length - 1 ? (shape.wireName ?? part) : part)).join('.');
  if (kind === 'missing') return awsError('MissingParameter', `The request must contain the parameter ${name}`);
  if (kind === 'type')
    return awsError('InvalidParameterValue', `Invalid value '${String(value)}' for ${name}. Expected a ${shape.kind}.`);
  return awsError(
    'InvalidParameterValue',
    `Value (${String(value)}) for parameter ${name} is invalid. ${constraint({ kind, path, shape, value })}.`,
  );
};

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
