import type { Deps } from '../../clients/ports.ts';
import { settle } from '../../domain/admission/accounts.ts';
import { capacityOf } from '../../domain/admission/capacity.ts';
import { rememberWait } from '../../domain/admission/stall.ts';
import { NodeCreationFailure, NotConverging } from '../../domain/errors.ts';
import { type LaunchTemplate, launchesFrom } from '../../domain/nodegroup/launch-template.ts';
import { ORIGINAL_SETTINGS_TAGS, outstandingMaximum, sizesOf } from '../../domain/nodegroup/original-settings.ts';
import {
  decideScaleDown,
  remainingEntries,
  type ScaleDownAction,
  warnOfChange,
  warnOfTerminating,
} from '../../domain/nodegroup/scale-down.ts';
import type { Sizes, Upgrade, WorkflowRun } from '../../domain/state.ts';
import { observationOf, readGroupAgain, readNodesAgain } from '../admission/observe.ts';
import { type OpenAccounts, openAccountsFor } from '../admission/open-accounts.ts';
import { rereadRecord, saveAccounts } from '../admission/record-session.ts';
import { STEP_SECONDS } from '../nodegroup/poll.ts';
import { restoreTags, setUpGroup } from './set-up-group.ts';

const POLL_SECONDS = 10;
const TERMINATION_POLL_SECONDS = 3;
const MOST_RETURNS = 3;

/** What one step of the scale-down works on. */
interface ScaleDownRequest {
  readonly run: WorkflowRun;
  readonly launchTemplate: LaunchTemplate;
  readonly upgrade: Upgrade;
}

/** Output of ScaleDown. */
interface ScaleDown {
  readonly status: 'done' | 'scalingDown' | 'notDone';
  readonly action: ScaleDownAction['kind'];
  readonly sizes: Sizes;
  readonly readyNodes: number;
  readonly waitSeconds: number;
  readonly warnings: readonly string[];
  /** What the conductor goes on with, with `notDone`. */
  readonly upgrade?: Upgrade;
}

async function observeAgain(
  deps: Deps,
  { run, launchTemplate }: ScaleDownRequest,
  before: OpenAccounts,
): Promise<OpenAccounts> {
  const reading = await readNodesAgain(deps, run, await readGroupAgain(deps, run, before.reading));
  const seen = observationOf(reading, run, launchTemplate.version);
  return {
    ...before,
    reading,
    group: reading.group,
    seen,
    accounts: settle(before.accounts, seen, run.autoScalingGroupName),
  };
}

function decide(
  deps: Deps,
  { run, launchTemplate }: ScaleDownRequest,
  { group, seen, accounts }: OpenAccounts,
): ScaleDownAction {
  return decideScaleDown({
    run,
    accounts,
    seen,
    launchesTarget: launchesFrom(group, launchTemplate),
    maximumSurplus: outstandingMaximum(group),
    nowAt: deps.clock.now().toISOString(),
  });
}

/** Lower the maximum by one, never below the desired capacity. */
async function lowerMaximum(deps: Deps, opened: OpenAccounts): Promise<OpenAccounts> {
  const { group, seen } = opened;
  const maxSize = group.maxSize - 1;
  const raisedBy = outstandingMaximum(group) - 1;
  await deps.autoScaling.resize(group.name, { maxSize });
  const tags = { ...group.tags, [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(raisedBy) };
  return { ...opened, group: { ...group, maxSize, tags }, seen: { ...seen, sizes: { ...seen.sizes, maxSize } } };
}

/** @throws {NodeCreationFailure} when no replacement has become Ready for too long since it was first waited for */
async function awaitReady(
  deps: Deps,
  { run }: ScaleDownRequest,
  opened: OpenAccounts,
  missing: number,
): Promise<OpenAccounts> {
  const { accounts, group } = opened;
  const { waitingSince = deps.clock.now().toISOString() } = accounts.memory;
  const waited = (deps.clock.now().getTime() - Date.parse(waitingSince)) / 1000;
  if (waited <= run.nodeReadyTimeoutSeconds) return opened;
  const [latest] = await deps.autoScaling.launchFailures(group.name, new Date(run.startedAt));
  const reason = latest === undefined ? '' : `; last failed launch: ${latest.message}`;
  throw new NodeCreationFailure(
    `every outdated node is gone, but ${missing} of ${group.desiredCapacity} nodes are not Ready, and none has become so for ${Math.round(waited)} s${reason}`,
  );
}

/** Hand the upgrade back to the conductor. @throws {NotConverging} when that has been done too often */
async function returnToUpgrade(
  deps: Deps,
  { run, launchTemplate, upgrade }: ScaleDownRequest,
  { group }: OpenAccounts,
  reason: string,
): Promise<Upgrade> {
  const returns = upgrade.returns + 1;
  if (returns > MOST_RETURNS) {
    throw new NotConverging(
      `the scale-down has found ${reason} ${returns} times: somebody else keeps changing the group`,
    );
  }
  await setUpGroup(deps, run, group, launchTemplate);
  return { ...upgrade, status: 'upgrading', waitSeconds: 0, returns };
}

/**
 * Bring the upgrade to its end, as far as one step gets: lower the maximum, wait for the last new nodes and for what was
 * terminated, and check everything that a success promises.
 *
 * @throws {LockLost} {NodeCreationFailure} {NotConverging}
 */
export async function scaleDownWithinStep(deps: Deps, request: ScaleDownRequest): Promise<ScaleDown> {
  const endsAt = deps.clock.now().getTime() + STEP_SECONDS * 1000;
  const found = await openAccountsFor(deps, request);
  const checkRecord = () => rereadRecord(found.cluster, found.session);
  let opened = { ...found, group: await restoreTags(deps, request.run, found.group, checkRecord) };
  let action = decide(deps, request, opened);
  for (;;) {
    const missing = action.kind === 'awaitReady' ? action.missing : 0;
    opened = { ...opened, accounts: rememberWait(opened.accounts, missing, deps.clock.now().toISOString()) };
    if (action.kind === 'return' || action.kind === 'done') break;
    if (deps.clock.now().getTime() + POLL_SECONDS * 1000 > endsAt) break;
    if (action.kind === 'lowerMaximum') opened = await lowerMaximum(deps, opened);
    else {
      if (action.kind === 'awaitReady') opened = await awaitReady(deps, request, opened, action.missing);
      await deps.clock.sleep(action.kind === 'awaitReady' ? POLL_SECONDS : TERMINATION_POLL_SECONDS);
      opened = await observeAgain(deps, request, opened);
    }
    action = decide(deps, request, opened);
  }
  return endStep(deps, request, opened, action);
}

async function endStep(
  deps: Deps,
  request: ScaleDownRequest,
  opened: OpenAccounts,
  action: ScaleDownAction,
): Promise<ScaleDown> {
  const { cluster, session, seen, group } = opened;
  const remaining = remainingEntries(opened.accounts, seen);
  const accounts = action.kind === 'done' ? { ...opened.accounts, entries: remaining } : opened.accounts;
  // The record first: a step that outlives its execution stops here, and does not tag a group that the next run has left.
  await saveAccounts(cluster, session, accounts);
  await deps.autoScaling.setTags(group.name, {
    [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(outstandingMaximum(group)),
  });
  const ending =
    action.kind === 'done'
      ? [...warnOfChange(request.run, seen.sizes), ...warnOfTerminating(remaining.map(({ instanceId }) => instanceId))]
      : [];
  const warnings = [...request.upgrade.warnings, ...ending];
  const { ready } = capacityOf(seen, accounts, request.run);
  const report = { action: action.kind, sizes: sizesOf(group), readyNodes: ready, waitSeconds: 1, warnings };
  if (action.kind === 'return') {
    return { status: 'notDone', ...report, upgrade: await returnToUpgrade(deps, request, opened, action.reason) };
  }
  return { status: action.kind === 'done' ? 'done' : 'scalingDown', ...report };
}
