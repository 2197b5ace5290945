import type { SandboxClock } from '../../world/clock.ts';
import type { Control } from './control.ts';
import { limitedPayload, outputOfResult } from './input-output.ts';

/** Create what writes the history of executions. */
export function createNotes(clock: SandboxClock): Pick<Control, 'note' | 'noteAfter'> {
  const instant = () => Math.floor(clock.now());
  return {
    note(thread, type, first, second, third) {
      thread.lastEventId = thread.execution.history.add(type, instant(), thread.lastEventId, first, second, third);
      return thread.lastEventId;
    },
    noteAfter: (execution, precedingId) => (type, first, second) => {
      execution.history.add(type, instant(), precedingId, first, second);
    },
  };
}

/** Create what ends the stay in a state. */
export function createLeaving({ note }: Pick<Control, 'note'>): Pick<Control, 'leave' | 'leaveWithResult'> {
  const leave: Control['leave'] = (visit, output, nextStateName) => {
    const { thread, state, stateName, input } = visit;
    const payload = limitedPayload(output, input, stateName);
    note(thread, `${state.Type as 'Task'}StateExited`, stateName, payload.text);
    const next = nextStateName ?? ('Next' in state ? state.Next : undefined);
    return next === undefined ? { kind: 'ended', payload } : { kind: 'next', stateName: next, payload };
  };
  return { leave, leaveWithResult: (visit, result) => leave(visit, outputOfResult(visit, result)) };
}
