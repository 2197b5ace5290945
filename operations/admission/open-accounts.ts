import type { Cluster, Deps } from '../../clients/ports.ts';
import { openAccounts, settle } from '../../domain/admission/accounts.ts';
import { runIdOf } from '../../domain/admission/entry.ts';
import type { Observation } from '../../domain/admission/observation.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import type { Upgrade, WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { makeNonce } from './nonce.ts';
import { observationOf, type Reading, readAll } from './observe.ts';
import { rebuildAccounts } from './rebuild-accounts.ts';
import { openRecord, type RecordSession, saveAccounts } from './record-session.ts';

/** A record that a step has opened, with its accounts settled by a fresh observation. */
export interface OpenAccounts {
  readonly cluster: Cluster;
  readonly session: RecordSession;
  readonly reading: Reading;
  readonly group: AutoScalingGroup;
  readonly seen: Observation;
  readonly accounts: Accounts;
}

/** The accounts to go on with: as the record has them, rebuilt when it was lost, or new ones for a run that begins. */
async function accountsOf(
  deps: Deps,
  session: RecordSession,
  { run, upgrade, seen }: { run: WorkflowRun; upgrade?: Upgrade | undefined; seen: Observation },
): Promise<{ accounts: Accounts; inputs: RecordSession['inputs'] }> {
  if (session.accounts === undefined) return rebuildAccounts(deps, { run, before: upgrade?.accounts, seen });
  const isOwn = session.accounts.memory.runId === runIdOf(run.executionArn);
  return { accounts: isOwn ? session.accounts : openAccounts(run, session.accounts, seen), inputs: session.inputs };
}

/**
 * Open the record for a step that changes the group: no invocation before this one can write any more.
 *
 * @throws {LockLost} when another execution holds it
 */
export async function openAccountsFor(
  deps: Deps,
  { run, launchTemplate, upgrade }: { run: WorkflowRun; launchTemplate: LaunchTemplate; upgrade?: Upgrade | undefined },
): Promise<OpenAccounts> {
  const cluster = await deps.cluster(run.clusterName);
  const session = await openRecord(cluster, run, makeNonce(deps.random));
  const reading = await readAll(deps, run);
  const seen = observationOf(reading, run, launchTemplate.version);
  const found = await accountsOf(deps, session, { run, upgrade, seen });
  const accounts = settle(found.accounts, seen, run.autoScalingGroupName);
  const known = { ...session, inputs: found.inputs };
  // Until they are written no execution that is under way has a licence.
  const isRebuilt = session.accounts === undefined && accounts.entries.length > 0;
  const saved = isRebuilt ? await saveAccounts(cluster, known, accounts) : known;
  return { cluster, session: saved, reading, group: reading.group, seen, accounts };
}
