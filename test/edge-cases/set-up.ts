import assert from 'node:assert/strict';
import { parseInput } from '../../domain/input/input.ts';
import { makePlan } from '../../domain/plan/plan.ts';
import type { Plan } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { survey } from '../../operations/plan/survey.ts';
import { EXECUTION_ARN, NOW_AT } from '../domain/builders.ts';
import { aNodegroup } from '../operations/aws-in-memory.ts';
import { createPorts, type PortsInMemory } from '../operations/ports-in-memory.ts';

/** An edge case by its number, the right behaviour in one sentence, and what shows it. */
export type EdgeCase = readonly [title: `F${number} ${string}`, check: () => unknown];

/** Test a table of edge cases, one test for each. */
export function testEdgeCases(topic: string, cases: readonly EdgeCase[]): void {
  describe(`edge cases: ${topic}`, () => {
    for (const [title, check] of cases) {
      it(title, async () => {
        await check();
      });
    }
  });
}

/** An instant so many seconds after `NOW_AT`, ISO-8601. */
export const at = (seconds: number): string => new Date(Date.parse(NOW_AT) + seconds * 1000).toISOString();

/** Ports over the group of `createPorts`, changed as given. */
export function worldWith(changes: Partial<AutoScalingGroup>): PortsInMemory {
  const ports = createPorts();
  ports.aws.groups.set('workers', { ...(ports.aws.groups.get('workers') as AutoScalingGroup), ...changes });
  return ports;
}

/** Ports over the same group as the managed node group `managed`. */
export function managedWorld(overrides: Parameters<typeof aNodegroup>[0] = {}): PortsInMemory {
  const ports = createPorts();
  ports.aws.nodegroups.set('managed', aNodegroup(overrides));
  return ports;
}

/** Plan an upgrade of that world. */
export async function planOf({ deps }: Pick<PortsInMemory, 'deps'>, input: object = {}): Promise<Plan> {
  const given = parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...input });
  return makePlan(await survey(deps, { input: given, executionArn: EXECUTION_ARN, startedAt: NOW_AT }));
}

/** Plan an update of the managed node group of that world. */
export const managedPlanOf = (ports: Pick<PortsInMemory, 'deps'>, input: object = {}): Promise<Plan> =>
  planOf(ports, { autoScalingGroupName: undefined, nodegroupName: 'managed', ...input });

/** Expect that the plan refuses a group, and that nothing was changed. */
export async function refuses(ports: PortsInMemory, name: string, message: RegExp, input: object = {}): Promise<void> {
  await assert.rejects(planOf(ports, input), { name, message });
  assert.deepEqual(ports.changes, []);
}

/** Expect that the plan warns of something. */
export async function warns(ports: PortsInMemory, message: RegExp, input: object = {}): Promise<void> {
  const { warnings } = await planOf(ports, input);
  assert.match(warnings.join('\n'), message);
}
