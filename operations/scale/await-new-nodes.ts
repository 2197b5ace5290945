import type { Deps } from '../../clients/ports.ts';
import { settle } from '../../domain/admission/accounts.ts';
import { bootPollSeconds } from '../../domain/admission/pace.ts';
import type { Accounts } from '../../domain/admission/record.ts';
import { isSurgeGone, surgeGoneTooOften } from '../../domain/admission/stall.ts';
import { NotConverging } from '../../domain/errors.ts';
import type { LaunchTemplate } from '../../domain/nodegroup/launch-template.ts';
import { observationOf, readAll } from '../admission/observe.ts';
import { type OpenAccounts, openAccountsFor } from '../admission/open-accounts.ts';
import { saveAccounts } from '../admission/record-session.ts';
import { pollUntil } from '../nodegroup/poll.ts';
import { type NewNodesFound, type NewNodesRequest, observeNewNodes } from './observe-new-nodes.ts';

type Request = NewNodesRequest & { readonly launchTemplate: LaunchTemplate };

async function observeAgain(deps: Deps, { run, launchTemplate }: Request, before: OpenAccounts): Promise<OpenAccounts> {
  const reading = await readAll(deps, run);
  const seen = observationOf(reading, run, launchTemplate.version);
  const accounts = settle(before.accounts, seen, run.autoScalingGroupName);
  return { ...before, reading, group: reading.group, seen, accounts };
}

/**
 * Say that surge which is waited for is not coming: somebody else, an autoscaler that gives up on a zone without capacity, has
 * taken it back before it was launched.
 *
 * @throws {NotConverging} when it was raised again too often
 */
function withoutSurge(found: NewNodesFound, accounts: Accounts): NewNodesFound {
  if (found.status !== 'waiting' || !isSurgeGone(accounts)) return found;
  const tooOften = surgeGoneTooOften(accounts);
  if (tooOften !== undefined) {
    const zones = found.uncoveredZones.length === 0 ? '' : `; no new node in ${found.uncoveredZones.join(', ')}`;
    throw new NotConverging(`${tooOften}${zones}; new nodes that are Ready: ${found.newReadyNodes}`);
  }
  return { ...found, status: 'surgeGone' };
}

/**
 * Wait for the new nodes within one step, and keep the accounts meanwhile: what others make of the desired capacity while nodes
 * boot is theirs, or takes surge back.
 *
 * @throws {NodeCreationFailure} {NotConverging} {LockLost}
 */
export async function awaitNewNodes(deps: Deps, request: Request): Promise<NewNodesFound> {
  const { run } = request;
  let opened = await openAccountsFor(deps, request);
  let isFresh = true;
  const look = async (): Promise<NewNodesFound> => {
    if (!isFresh) opened = await observeAgain(deps, request, opened);
    isFresh = false;
    return withoutSurge(await observeNewNodes(deps, request, opened), opened.accounts);
  };
  const everySeconds = bootPollSeconds(run.originalSizes.desiredCapacity + run.surge);
  const found = await pollUntil(deps.clock, everySeconds, look, ({ status }) => status !== 'waiting');
  await saveAccounts(opened.cluster, opened.session, opened.accounts);
  return found;
}
