import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import type { StateMachine } from './executions/execution.ts';
import type { StepFunctions } from './state-machines.ts';

const findMachine = ({ machines }: StepFunctions, kind: string, wanted: string): StateMachine => {
  const machine = machines.find(({ name }) => name === wanted || name.endsWith(`-${wanted}`));
  if (machine !== undefined) return machine;
  const known = machines.map(({ name }) => name).join(', ') || 'none at all';
  throw new Error(`fault ${kind}: there is no state machine ${wanted}, only ${known}`);
};

/**
 * Schedule what others do to executions: stop them, or redrive them.
 *
 * @throws Error for a state machine that there is not
 */
export function scheduleExecutionEvents(
  stepFunctions: StepFunctions,
  faults: readonly Fault[],
  clock: SandboxClock,
): void {
  for (const fault of faults) {
    if (fault.kind !== 'stopExecution' && fault.kind !== 'redriveExecution') continue;
    const machine = findMachine(stepFunctions, fault.kind, fault.stateMachine);
    const { name } = fault;
    clock.after(fault.atSeconds, () => {
      for (const execution of [...stepFunctions.executionsOf(machine)]) {
        if (name !== undefined && execution.name !== name) continue;
        if (fault.kind === 'stopExecution') stepFunctions.stop(execution, fault);
        else if (stepFunctions.whyNotRedrivable(execution) === undefined) stepFunctions.redrive(execution);
      }
    });
  }
}
