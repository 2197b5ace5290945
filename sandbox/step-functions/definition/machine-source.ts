import { type Place, roleArn, stateMachineArn } from '../executions/arns.ts';
import type { StateMachine } from '../executions/execution.ts';
import { isObject } from '../expressions/json.ts';
import type { DefinitionCheck } from './check-definition.ts';

/** A state machine as CloudFormation would be given it. */
export interface MachineSource {
  readonly name: string;
  /** What other definitions call it by: `{ Ref: logicalId }` becomes its ARN. */
  readonly logicalId?: string;
  readonly definition: unknown;
}

/** The one member of an object that is an intrinsic function of CloudFormation. */
const intrinsicOf = (value: Record<string, unknown>, name: string): unknown =>
  Object.keys(value).length === 1 ? value[name] : undefined;

/**
 * Resolve what CloudFormation would before Step Functions sees a definition: `{ Ref: logicalId }` of a state machine is its
 * ARN, and `${AWS::Partition}` in an `Fn::Sub` is `aws`.
 */
function resolveIntrinsics(definition: unknown, arns: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(definition)) return definition.map((item) => resolveIntrinsics(item, arns));
  if (!isObject(definition)) return definition;
  const [logicalId, template] = [intrinsicOf(definition, 'Ref'), intrinsicOf(definition, 'Fn::Sub')];
  if (typeof logicalId === 'string' && arns.has(logicalId)) return arns.get(logicalId);
  if (typeof template === 'string') return template.replaceAll('${AWS::Partition}', 'aws');
  return Object.fromEntries(Object.entries(definition).map(([name, inner]) => [name, resolveIntrinsics(inner, arns)]));
}

/**
 * Make state machines of their sources.
 *
 * @param createdAt milliseconds since the epoch
 * @throws what `check` throws
 */
export function createMachines(
  sources: readonly MachineSource[],
  place: Place,
  check: DefinitionCheck,
  createdAt: number,
): StateMachine[] {
  const arnsByLogicalId = new Map(
    sources.flatMap(({ logicalId, name }) =>
      logicalId === undefined ? [] : [[logicalId, stateMachineArn(place, name)] as const],
    ),
  );
  return sources.map(({ name, definition }) => ({
    arn: stateMachineArn(place, name),
    name,
    roleArn: roleArn(place, name),
    definition: check(resolveIntrinsics(definition, arnsByLogicalId)),
    createdAt,
  }));
}
