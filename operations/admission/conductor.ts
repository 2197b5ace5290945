import type { Cluster, Deps } from '../../clients/ports.ts';
import { settle } from '../../domain/admission/accounts.ts';
import type { AdmissionFacts } from '../../domain/admission/admit.ts';
import { capacityOf } from '../../domain/admission/capacity.ts';
import type { Demand } from '../../domain/admission/contention.ts';
import { nodeExecutionName } from '../../domain/admission/entry.ts';
import { type Observation, outdatedMembers } from '../../domain/admission/observation.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import { readInHand } from '../../domain/drain/in-hand.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import type { NodeEnd, Upgrade, WorkflowRun } from '../../domain/state.ts';
import type { Budget } from '../../domain/types.ts';
import { observationOf, type Reading } from './observe.ts';
import { type RecordSession, saveAccounts } from './record-session.ts';

/** What one step of the conductor works on. */
export interface ConductRequest {
  readonly run: WorkflowRun;
  readonly launchTemplate: LaunchTemplate;
  /** Output of the step before. */
  readonly upgrade: Upgrade;
  /** The execution this step belongs to: the run's first one, or one that continues it. */
  readonly executionArn: string;
  readonly retryCount: number;
  readonly eventBudget: number;
}

/** All that the conductor knows during a step. Every change makes a new one. */
export interface Conductor {
  readonly request: ConductRequest;
  readonly cluster: Cluster;
  readonly session: RecordSession;
  readonly reading: Reading;
  readonly seen: Observation;
  /** Settled with `seen`; written with the next admission, or before the step ends. */
  readonly accounts: Accounts;
  readonly alarms: readonly string[];
  /** An instance refresh is under way, and ISO-8601 UTC: when that was asked last. */
  readonly isRefreshed: boolean;
  readonly refreshAskedAt: string;
  readonly budgets: readonly Budget[];
  readonly demands: ReadonlyMap<string, Demand>;
  /** When the execution of an entry was looked up last, by instance id. */
  readonly lookedUp: ReadonlyMap<string, string>;
  readonly adopted: readonly string[];
  readonly ended: readonly NodeEnd[];
  /** Fewest Ready nodes seen in this step. */
  readonly lowestReady: number;
  /** ISO-8601 UTC: when the orders were read last. */
  readonly ordersAt: string;
  /** ISO-8601 UTC: when the own execution was looked up last, and since when that has failed, if it has. */
  readonly ownExecutionAt: string;
  readonly ownExecutionUnknownSince?: string | undefined;
  /** ISO-8601 UTC: end of the step. */
  readonly endsAt: string;
}

/** How the executions ended whose entries an observation has turned from in hand to leaving. */
function newlyLeaving(before: Accounts, after: Accounts, { nodes }: Observation, group: string): NodeEnd[] {
  const inHand = new Set(before.entries.flatMap(({ instanceId, state }) => (state === 'inHand' ? [instanceId] : [])));
  const leaving = after.entries.filter(({ instanceId, state }) => state === 'leaving' && inHand.has(instanceId));
  return leaving.map((entry) => {
    const execution = nodeExecutionName(group, entry);
    const node = nodes.get(entry.instanceId);
    const isOurs = node !== undefined && readInHand(node)?.execution === execution;
    return { execution, outcome: isOurs && readInHand(node)?.phase === 'terminating' ? 'upgraded' : 'gone' };
  });
}

/** The conductor after a new reading. */
export function withReading(conductor: Conductor, reading: Reading): Conductor {
  const { run, launchTemplate } = conductor.request;
  const { autoScalingGroupName: group } = run;
  const seen = observationOf(reading, run, launchTemplate.version);
  const accounts = settle(conductor.accounts, seen, group);
  const ended = [...conductor.ended, ...newlyLeaving(conductor.accounts, accounts, seen, group)];
  const lowestReady = Math.min(conductor.lowestReady, capacityOf(seen, accounts, run).ready);
  return { ...conductor, reading, seen, accounts, ended, lowestReady };
}

/** Write the accounts. @throws {LockLost} {Conflict} when somebody else has taken the record over */
export async function save(conductor: Conductor): Promise<Conductor> {
  const session = await saveAccounts(conductor.cluster, conductor.session, conductor.accounts);
  return { ...conductor, session };
}

/** What admission decides by. */
export function factsOf(deps: Deps, conductor: Conductor): AdmissionFacts {
  const { request, session, seen, accounts, alarms, isRefreshed, budgets, demands } = conductor;
  const held = accounts.entries.filter(({ state }) => state === 'inHand');
  const isDraining = (instanceId: string) => {
    const node = seen.nodes.get(instanceId);
    return node !== undefined && (readInHand(node)?.phase ?? 'draining') === 'draining';
  };
  return {
    run: request.run,
    holder: session.holder,
    orders: session.orders,
    accounts,
    seen,
    outdated: outdatedMembers(seen, accounts, request.run),
    inHand: held.length,
    draining: held.flatMap(({ instanceId }) => (isDraining(instanceId) ? [instanceId] : [])),
    alarms,
    isRefreshed,
    budgets,
    demands,
    nowAt: deps.clock.now().toISOString(),
  };
}
