import { type NodeResult, nodeResultSchema } from '../state.ts';
import type { HeldEntry } from './record.ts';

/** How a node's execution stands, as Step Functions describes it. */
export interface ExecutionState {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** ISO-8601 UTC. */
  readonly stoppedAt?: string;
}

/** What an ended execution left behind, in its own words where it had any. */
export function resultOf(entry: HeldEntry, execution: ExecutionState | undefined): NodeResult | undefined {
  if (execution?.output === undefined) return undefined;
  try {
    const result = nodeResultSchema.safeParse(JSON.parse(execution.output)).data;
    return result?.instanceId === entry.instanceId ? result : undefined;
  } catch {
    return undefined;
  }
}

/** True for an execution that has not ended. */
export const isRunning = (execution: ExecutionState | undefined): boolean =>
  execution?.status === 'RUNNING' || execution?.status === 'PENDING_REDRIVE';
