import type { Deps } from '../../clients/ports.ts';
import { outdatedMembers } from '../../domain/admission/observation.ts';
import { decideRaise } from '../../domain/admission/raise.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import { ORIGINAL_SETTINGS_TAGS, outstandingMaximum, sizesOf } from '../../domain/nodegroup/original-settings.ts';
import type { Sizes, Upgrade, WorkflowRun } from '../../domain/state.ts';
import { openAccountsFor } from '../admission/open-accounts.ts';
import { saveAccounts } from '../admission/record-session.ts';
import { pointBack } from './set-up-group.ts';

const addSeconds = (instant: string, seconds: number) => new Date(Date.parse(instant) + seconds * 1000).toISOString();

/** Output of ScaleUp. */
interface ScaleUp {
  readonly status: 'raised' | 'notNeeded';
  readonly sizes: Sizes;
  readonly requestedAt: string;
  readonly deadlineAt: string;
}

/**
 * Raise the surge: first the intent into the record, then the sizes, which are absolute, so that a repeated call adds nothing.
 *
 * @param request.upgrade output of the conductor that asks for more; absent at the start, when the plan's surge is raised
 */
export async function raiseSurge(
  deps: Deps,
  request: { run: WorkflowRun; launchTemplate: LaunchTemplate; upgrade?: Upgrade | undefined },
): Promise<ScaleUp> {
  const { run, upgrade } = request;
  const opened = await openAccountsFor(deps, request);
  const { cluster, session, accounts, seen, group } = opened;
  const nowAt = deps.clock.now().toISOString();
  const isNeeded = outdatedMembers(seen, accounts, run).length > 0;
  // From the surge that the conductor saw, so that a repeated call asks for the same number.
  const wanted = upgrade === undefined ? run.surge : (upgrade.accounts?.surge ?? accounts.surge) + upgrade.extraNodes;
  const raise = isNeeded ? decideRaise(accounts, seen.sizes, wanted, nowAt) : undefined;
  const { memory } = accounts;
  // A repeated call has the intent of the first one.
  const isMore = upgrade !== undefined && raise !== undefined && raise !== accounts.raise;
  const raises = memory.raises + (isMore ? 1 : 0);
  const intended = { ...accounts, ...(raise !== undefined && { raise }), memory: { ...memory, raises } };
  await saveAccounts(cluster, session, intended);
  const sizes = sizesOf(group);
  const report = { requestedAt: nowAt, deadlineAt: addSeconds(nowAt, run.nodeReadyTimeoutSeconds) };
  if (raise === undefined) return { status: 'notNeeded', sizes, ...report };
  await pointBack(deps, group, request.launchTemplate.version);
  const maxSize = Math.max(group.maxSize, raise.to);
  const raisedBy = outstandingMaximum(group) + (maxSize - group.maxSize);
  await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(raisedBy) });
  await deps.autoScaling.resize(group.name, { maxSize, desiredCapacity: raise.to });
  return { status: 'raised', sizes: { ...sizes, maxSize, desiredCapacity: raise.to }, ...report };
}
