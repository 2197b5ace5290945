import { type AwsError, awsError } from './aws-error.ts';
import type { InputProblem } from './input-shapes.ts';

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
