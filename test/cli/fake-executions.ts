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
  /** Calls of `history` by execution, each with the id of the last event that was known. */
  readonly historyCalls: Map<string, (number | undefined)[]>;
}

/** Step Functions in memory, with one execution and its children. */
export function createFakeExecutions({ observations, machines, error }: FakeOptions): FakeExecutions {
  let observation = -1;
  const current = (): UpgradeHistory =>
    observations[Math.max(0, Math.min(observation, observations.length - 1))] as UpgradeHistory;
  const failIfAsked = (): void => {
    if (error !== undefined) throw error;
  };
  const find = (arn: string): ExecutionHistory => {
    const { children, ...parent } = current();
    const found = [parent, ...children].find(({ execution }) => execution.executionArn === arn);
    if (found === undefined) throw Object.assign(new Error('no such execution'), { name: 'ExecutionDoesNotExist' });
    return found;
  };
  const started: FakeExecutions['started'] = [];
  const historyCalls: FakeExecutions['historyCalls'] = new Map();
  return {
    started,
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
      return find(arn).execution;
    },
    async listNewest() {
      failIfAsked();
      return [current().execution];
    },
    async listChildren(mapRunArn) {
      failIfAsked();
      const number = mapRunArn.at(-1);
      return current()
        .children.map(({ execution }) => execution)
        .filter(({ executionArn }) => executionArn?.endsWith(`-${number}`));
    },
    async history(arn, afterId) {
      failIfAsked();
      historyCalls.set(arn, [...(historyCalls.get(arn) ?? []), afterId]);
      return find(arn).history.filter(({ id = 0 }) => id > (afterId ?? 0));
    },
  };
}
