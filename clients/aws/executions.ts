import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../domain/execution-history.ts';
import type { Executions } from '../ports.ts';
import { createExecutionStatus } from './execution-status.ts';

/** The most that Step Functions puts on a page. */
const MAX_PAGE_SIZE = 1000;
/** Events on a page while a history is followed: few are new. */
const FOLLOWING_PAGE_SIZE = 100;

/**
 * Reach Step Functions through the SDK, with all that a program needs to start and follow upgrades.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
 */
export function createExecutions(client: SFNClient): Executions {
  async function allEvents(executionArn: string): Promise<HistoryEvent[]> {
    const request = { executionArn, reverseOrder: false, includeExecutionData: true };
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: MAX_PAGE_SIZE }, request)) {
      events.push(...(page.events ?? []));
    }
    return events;
  }

  /** Newest first, back to the event that is known already. */
  async function eventsAfter(executionArn: string, afterId: number): Promise<HistoryEvent[]> {
    const request = { executionArn, reverseOrder: true, includeExecutionData: true };
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: FOLLOWING_PAGE_SIZE }, request)) {
      const found = page.events ?? [];
      const unknown = found.filter(({ id = 0 }) => id > afterId);
      events.push(...unknown);
      if (unknown.length < found.length) break;
    }
    return events.reverse();
  }

  return {
    ...createExecutionStatus(client),
    async listStateMachines() {
      const machines = [];
      for await (const page of paginateListStateMachines({ client, pageSize: MAX_PAGE_SIZE }, {})) {
        machines.push(...(page.stateMachines ?? []));
      }
      return machines.map(({ name = '', stateMachineArn = '' }) => ({ name, stateMachineArn }));
    },
    async start(request) {
      const { executionArn = '' } = await client.send(new StartExecutionCommand(request));
      return executionArn;
    },
    describe: (executionArn) => client.send(new DescribeExecutionCommand({ executionArn })),
    async listNewest(stateMachineArn) {
      const page = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: MAX_PAGE_SIZE }));
      return page.executions ?? [];
    },
    async listStartedSince(stateMachineArn, since) {
      const started = [];
      for await (const page of paginateListExecutions({ client, pageSize: MAX_PAGE_SIZE }, { stateMachineArn })) {
        const found = page.executions ?? [];
        const wanted = found.filter(({ startDate }) => startDate !== undefined && startDate >= since);
        started.push(...wanted);
        if (wanted.length < found.length) break;
      }
      return started;
    },
    async listChildren(mapRunArn) {
      const children = [];
      for await (const page of paginateListExecutions({ client, pageSize: MAX_PAGE_SIZE }, { mapRunArn })) {
        children.push(...(page.executions ?? []));
      }
      return children;
    },
    history: (executionArn, afterId) =>
      afterId === undefined ? allEvents(executionArn) : eventsAfter(executionArn, afterId),
  };
}

/** Region, endpoint and credentials come from where the SDK always takes them, unless given. */
export const connectExecutions = (config: SFNClientConfig): Executions => createExecutions(new SFNClient(config));
