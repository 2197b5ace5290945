import type { Page, StepFunctions } from '../../clients/aws/step-functions.ts';
import type { ExecutionHistory, UpgradeHistory } from '../../report/read/history.ts';

export const STATE_MACHINE_ARN = 'arn:aws:states:eu-central-1:111122223333:stateMachine:upgrade-nodegroup';

export interface FakeOptions {
  /** What each look at the execution finds; the last one stays. A new one is taken at every DescribeExecution. */
  readonly observations: readonly UpgradeHistory[];
  readonly machines?: readonly string[];
  /** Thrown by every call. */
  readonly error?: Error;
  /** Items of a page. */
  readonly pageSize?: number;
}

export interface FakeStepFunctions extends StepFunctions {
  readonly started: { name: string; input: unknown }[];
  /** Calls of GetExecutionHistory, by execution. */
  readonly historyCalls: Map<string, number>;
}

/** Step Functions that knows one execution and its children, page by page. */
export function createFakeStepFunctions({
  observations,
  machines,
  error,
  pageSize = 50,
}: FakeOptions): FakeStepFunctions {
  let observation = -1;
  const current = (): UpgradeHistory =>
    observations[Math.max(0, Math.min(observation, observations.length - 1))] as UpgradeHistory;
  const refuse = async (): Promise<void> => {
    if (error !== undefined) throw error;
  };
  const paged = <T>(items: readonly T[], token = '0'): Page<T> => {
    const from = Number(token);
    const to = from + pageSize;
    return { items: items.slice(from, to), ...(to < items.length ? { nextToken: String(to) } : {}) };
  };
  const find = (arn: string): ExecutionHistory => {
    const { children, ...parent } = current();
    const found = [parent, ...children].find(({ execution }) => execution.executionArn === arn);
    if (found === undefined) throw Object.assign(new Error('no such execution'), { name: 'ExecutionDoesNotExist' });
    return found;
  };
  const started: FakeStepFunctions['started'] = [];
  const historyCalls = new Map<string, number>();
  return {
    started,
    historyCalls,
    async listStateMachines() {
      await refuse();
      const names = machines ?? ['upgrade-nodegroup'];
      return {
        items: names.map((name) => ({ name, stateMachineArn: STATE_MACHINE_ARN.replace('upgrade-nodegroup', name) })),
      };
    },
    async startExecution({ name, input }) {
      await refuse();
      started.push({ name, input: JSON.parse(input) });
      return { executionArn: current().execution.executionArn ?? '' };
    },
    async describeExecution(arn) {
      await refuse();
      observation += 1;
      return find(arn).execution;
    },
    async listExecutions(of, nextToken) {
      await refuse();
      if ('stateMachineArn' in of) return { items: [current().execution] };
      const number = of.mapRunArn.at(-1);
      const children = current().children.map(({ execution }) => execution);
      return paged(
        children.filter(({ executionArn }) => executionArn?.endsWith(`-${number}`)),
        nextToken,
      );
    },
    async getExecutionHistory(arn, { isNewestFirst, nextToken }) {
      await refuse();
      historyCalls.set(arn, (historyCalls.get(arn) ?? 0) + 1);
      const { history } = find(arn);
      return paged(isNewestFirst ? [...history].reverse() : history, nextToken);
    },
  };
}
