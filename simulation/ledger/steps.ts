import type { Entry } from '../../domain/admission/entry.ts';
import type { WorkflowRun } from '../../domain/state.ts';
import type { Invocation } from '../seams/invocation.ts';

/** What a step of a run works for, as far as its payload says. */
export interface RunStep {
  readonly run: WorkflowRun;
}

/** What a step of a node's execution works for. */
export interface NodeStep extends RunStep {
  readonly node: Entry;
  /** Name of the execution. */
  readonly execution: string;
}

const fieldsOf = (invocation: Invocation | undefined): Partial<NodeStep> =>
  typeof invocation?.payload === 'object' ? ((invocation.payload ?? {}) as Partial<NodeStep>) : {};

const isRun = (run: Partial<WorkflowRun> | undefined): run is WorkflowRun =>
  run?.autoScalingGroupName !== undefined && run.target !== undefined;

/** The run that a call works for; `undefined` before there is a plan, and for the janitor. */
export function runStepOf(invocation: Invocation | undefined): RunStep | undefined {
  const { run } = fieldsOf(invocation);
  return isRun(run) ? { run } : undefined;
}

/** The node that a call works on; `undefined` for the steps of a group. */
export function nodeStepOf(invocation: Invocation | undefined): NodeStep | undefined {
  const { run, node, execution } = fieldsOf(invocation);
  return isRun(run) && node?.instanceId !== undefined && execution !== undefined ? { run, node, execution } : undefined;
}
