import type { Execution } from 'eks-sandbox/step-functions';
import type { WorkflowRun } from '../../domain/state.ts';
import type { SimulatedWorld } from '../world.ts';
import { runStepOf } from './steps.ts';

/** The runs of groups that have ended, with what their plans settled. */
export type OnRunEnded = (execution: Execution, run: WorkflowRun) => void;

/** Be told of each run of a group that ends, once it had a plan. */
export function onRunEnded({ carried, stepFunctions }: SimulatedWorld, tell: OnRunEnded): void {
  /** By ARN of the first execution. */
  const runs = new Map<string, WorkflowRun>();
  carried.onCarried(
    ({ invocation }) => {
      const run = runStepOf(invocation)?.run;
      if (run !== undefined) runs.set(run.executionArn, run);
    },
    () => {},
  );
  stepFunctions.onStatusChange((execution) => {
    if (execution.status === 'RUNNING') return;
    const run = runs.get(execution.arn);
    if (run !== undefined) tell(execution, run);
  });
}
