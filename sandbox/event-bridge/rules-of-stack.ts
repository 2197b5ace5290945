import type { MachineSource } from '../step-functions/definition/machine-source.ts';
import { type Place, stateMachineArn } from '../step-functions/executions/arns.ts';
import { type EventRule, eventRuleSchema } from '../world/scenario/event-rule.ts';

/** `functions` of a serverless.yml, as far as rules are concerned. */
export type StackFunctions = Readonly<
  Record<string, { readonly events?: readonly Readonly<Record<string, unknown>>[] | undefined }>
>;

/** Replace `{ Ref: logicalId }` of a state machine by its ARN. */
function resolveRefs(value: unknown, arns: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveRefs(item, arns));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: logicalId } = value as { Ref?: unknown };
  if (typeof logicalId === 'string') return arns.get(logicalId) ?? value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolveRefs(inner, arns)]));
}

/**
 * Read the rules that a stack sets up for its functions: `eventBridge` events with a `pattern` or a `schedule`.
 *
 * @throws Error that names the function whose rule the sandbox cannot simulate
 */
export function rulesOfStack(functions: StackFunctions, machines: readonly MachineSource[], place: Place): EventRule[] {
  const arns = new Map(
    machines.flatMap(({ logicalId, name }) =>
      logicalId === undefined ? [] : [[logicalId, stateMachineArn(place, name)] as const],
    ),
  );
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events.flatMap(({ eventBridge }, index) => {
      if (eventBridge === undefined) return [];
      const { pattern, schedule, enabled } = eventBridge as {
        pattern?: unknown;
        schedule?: unknown;
        enabled?: unknown;
      };
      if (enabled === false) return [];
      const rule = eventRuleSchema.safeParse({
        name: `${functionKey}-rule-${index + 1}`,
        function: functionKey,
        ...(pattern === undefined ? {} : { pattern: resolveRefs(pattern, arns) }),
        ...(schedule === undefined ? {} : { rate: schedule }),
      });
      if (rule.success) return [rule.data];
      throw new Error(`function ${functionKey}: ${rule.error.issues.map(({ message }) => message).join('; ')}`);
    }),
  );
}
