import type { Executions } from '../../clients/ports.ts';
import type { ExecutionHistory, UpgradeHistory } from '../../report/read/history.ts';

const STATE_MACHINE_ARN = 'arn:aws:states:eu-central-1:111122223333:stateMachine:upgrade-nodegroup';

export interface FakeOptions {
  /** What each observation of the execution finds; the last one stays. Every `describe` takes the next one. */
  readonly observations: readonly UpgradeHistory[];
  readonly machines?: readonly string[];
  /** Thrown by every call. */
  readonly error?: Error;
}

export interface FakeExecutions extends Executions {
  readonly started: { name: string; input: unknown }[];
  /** Since when executions of nodes were listed, for every time that they were. */
  readonly listings: readonly string[];
  /** Calls of `history` by execution, each with the id of the last event that was known. */
  readonly historyCalls: Map<string, (number | undefined)[]>;
}

/** Step Functions in memory, with the executions of one run. */
export function createFakeExecutions({ observations, machines, error }: FakeOptions): FakeExecutions {
  let observation = -1;
  const current = (): UpgradeHistory =>
    observations[Math.max(0, Math.min(observation, observations.length - 1))] as UpgradeHistory;
  const failIfAsked = (): void => {
    if (error !== undefined) throw error;
  };
  const everything = (): ExecutionHistory[] => {
    const { children, continuations = [], ...parent } = current();
    return [parent, ...continuations, ...children];
  };
  const find = (arn: string): ExecutionHistory => {
    const found = everything().find(({ execution }) => execution.executionArn === arn);
    if (found === undefined) throw Object.assign(new Error('no such execution'), { name: 'ExecutionDoesNotExist' });
    return found;
  };
  const started: FakeExecutions['started'] = [];
  const historyCalls: FakeExecutions['historyCalls'] = new Map();
  const listings: string[] = [];
  return {
    started,
    listings,
    historyCalls,
    async isRunning(arn) {
      return find(arn).execution.status === 'RUNNING';
    },
    async listStateMachines() {
      failIfAsked();
      const names = machines ?? ['upgrade-nodegroup'];
      return names.map((name) => ({ name, stateMachineArn: STATE_MACHINE_ARN.replace('upgrade-nodegroup', name) }));
    },
    async start({ name, input }) {
      failIfAsked();
      started.push({ name, input: JSON.parse(input) });
      return current().execution.executionArn ?? '';
    },
    async describe(arn) {
      failIfAsked();
      observation += 1;
      const { execution, history } = find(arn);
      return { ...execution, ...history[0]?.executionStartedEventDetails };
    },
    async listNewest() {
      failIfAsked();
      const { continuations = [], execution } = current();
      return [execution, ...continuations.map((each) => each.execution)];
    },
    async listStartedSince(machine, since) {
      failIfAsked();
      listings.push(since.toISOString());
      return everything()
        .map(({ execution }) => execution)
        .filter(({ executionArn = '', startDate }) => {
          return (
            executionArn.startsWith(`${machine.replace(':stateMachine:', ':execution:')}:`) &&
            new Date(startDate ?? 0) >= since
          );
        })
        .reverse();
    },
    async listChildren() {
      failIfAsked();
      return [];
    },
    async history(arn, afterId) {
      failIfAsked();
      historyCalls.set(arn, [...(historyCalls.get(arn) ?? []), afterId]);
      return find(arn).history.filter(({ id = 0 }) => id > (afterId ?? 0));
    },
  };
}
