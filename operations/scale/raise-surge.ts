import type { Deps } from '../../clients/ports.ts';
import { outdatedMembers } from '../../domain/admission/observation.ts';
import { decideRaise } from '../../domain/admission/raise.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import { ORIGINAL_SETTINGS_TAGS, outstandingMaximum, sizesOf } from '../../domain/nodegroup/original-settings.ts';
import type { ScaleUp, Sizes, SlowBoots, Upgrade, WorkflowRun } from '../../domain/state.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { openAccountsFor } from '../admission/open-accounts.ts';
import { saveAccounts } from '../admission/record-session.ts';
import { pointBack } from './set-up-group.ts';

const addSeconds = (instant: string, seconds: number) => new Date(Date.parse(instant) + seconds * 1000).toISOString();

/** Who asks for surge: the plan, or one of the others. */
interface RaiseRequest {
  readonly run: WorkflowRun;
  readonly launchTemplate: LaunchTemplate;
  /** Output of the conductor that asks for more. */
  readonly upgrade?: Upgrade | undefined;
  /** What was asked for first, and that its nodes boot slowly. */
  readonly scaleUp?: ScaleUp | undefined;
  readonly slowBoots?: SlowBoots | undefined;
  /** Somebody has taken it back. */
  readonly isAgain?: boolean | undefined;
}

/** How much surge there should be: a number that a repeated call finds again. */
function wantedOf({ run, upgrade, slowBoots }: RaiseRequest, accounts: Accounts): number {
  if (slowBoots !== undefined) return slowBoots.raised.nodes;
  if (upgrade === undefined) return run.surge;
  return (upgrade.accounts?.surge ?? accounts.surge) + upgrade.extraNodes;
}

/** Maximum and desired size in one call, and first how much of the maximum is ours. */
async function resize(deps: Deps, group: AutoScalingGroup, desiredCapacity: number): Promise<Sizes> {
  const maxSize = Math.max(group.maxSize, desiredCapacity);
  const raisedBy = outstandingMaximum(group) + (maxSize - group.maxSize);
  await deps.autoScaling.setTags(group.name, { [ORIGINAL_SETTINGS_TAGS.maxRaisedBy]: String(raisedBy) });
  await deps.autoScaling.resize(group.name, { maxSize, desiredCapacity });
  return { ...sizesOf(group), maxSize, desiredCapacity };
}

/** Raise the surge: first the intent into the record, then the sizes, which are absolute, so that a repeated call adds nothing. */
export async function raiseSurge(deps: Deps, request: RaiseRequest): Promise<ScaleUp> {
  const { run, upgrade, scaleUp, slowBoots, isAgain = false } = request;
  const { cluster, session, accounts, seen, group } = await openAccountsFor(deps, request);
  const nowAt = deps.clock.now().toISOString();
  const isNeeded = outdatedMembers(seen, accounts, run).length > 0;
  const wanted = wantedOf(request, accounts);
  const raise = isNeeded ? decideRaise(accounts, seen.sizes, wanted, nowAt) : undefined;
  const { memory } = accounts;
  // A repeated call has the intent of the first one.
  const isMore = (upgrade !== undefined || isAgain) && raise !== undefined && raise !== accounts.raise;
  const raises = memory.raises + (isMore ? 1 : 0);
  const intended = { ...accounts, ...(raise !== undefined && { raise }), memory: { ...memory, raises } };
  await saveAccounts(cluster, session, intended);
  // What is asked for again is waited for as long as at first.
  const asked = isAgain ? undefined : scaleUp;
  const added = slowBoots === undefined ? scaleUp?.added : Math.max(0, wanted - run.surge);
  const report = {
    requestedAt: asked?.requestedAt ?? nowAt,
    deadlineAt: asked?.deadlineAt ?? addSeconds(nowAt, run.nodeReadyTimeoutSeconds),
    surge: wanted,
    ...(added !== undefined && { added }),
  };
  if (raise === undefined) return { status: 'notNeeded', sizes: sizesOf(group), ...report };
  await pointBack(deps, group, request.launchTemplate);
  return { status: 'raised', sizes: await resize(deps, group, raise.to), ...report };
}
