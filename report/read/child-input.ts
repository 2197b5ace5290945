import * as z from 'zod';
import { entrySchema } from '../../domain/admission/entry.ts';
import { readNodeExecutionName } from '../../domain/admission/node-execution.ts';
import { type WorkflowRun, workflowRunSchema } from '../../domain/state.ts';
import type { Setting } from '../model/model.ts';
import { inputInTodaysForm } from './earlier-versions.ts';
import { inputOf, nameOf } from './execution.ts';
import type { ExecutionHistory } from './history.ts';
import { settingsOf } from './plan.ts';
import { type Part, readThrough } from './through-schema.ts';

const childInputSchema = z.object({ node: entrySchema, run: workflowRunSchema });

/** The settings that hold for the execution of a node. */
const OF_A_NODE: ReadonlySet<string> = new Set([
  'Drain timeout',
  'Cordon wait',
  'Force',
  'Pods without a controller',
  'Pods with local storage',
]);

/** What the input of an execution says; the node also by the name of the execution. */
export function inputsOf(child: ExecutionHistory) {
  const name = nameOf(child.execution);
  const { node = {}, run } = readThrough(childInputSchema, inputInTodaysForm(inputOf(child))) ?? {};
  const { instanceId = name || 'unknown', ...named } = readNodeExecutionName(name) ?? {};
  return { node: { instanceId, attempt: 1, decrement: false, enters: 'drain' as const, ...named, ...node }, run };
}

/** The run of which the report is: an execution that another one began has other settings. */
export interface OwnRun {
  readonly id: string;
  readonly settings: readonly Setting[];
}

/** How an execution that an earlier run began differs from those of this run. */
export function adoptionOf(runId: string | undefined, run: Part<WorkflowRun> | undefined, own: OwnRun) {
  if (runId === undefined || runId === own.id) return {};
  const values = new Map(own.settings.map(({ name, value }) => [name, value]));
  const other = settingsOf(run ?? {}).filter(
    ({ name, value }) => OF_A_NODE.has(name) && values.has(name) && values.get(name) !== value,
  );
  return { isAdopted: true, otherSettings: other.length === 0 ? undefined : other };
}
