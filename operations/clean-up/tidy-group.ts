import * as z from 'zod';
import type { Cluster, Deps } from '../../clients/ports.ts';
import { janitorHolder } from '../../domain/admission/holder.ts';
import { type GroupRecord, LEASE_NAMESPACE, leaseName, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { readRecord } from '../../domain/admission/record-text.ts';
import { executionNameOf, isOwned } from '../../domain/nodegroup/node-ownership.ts';
import { hasOriginalSettings, isLeft, ORIGINAL_SETTINGS_TAGS } from '../../domain/nodegroup/original-settings.ts';
import { workflowRunSchema } from '../../domain/state.ts';
import type { AutoScalingGroup, Lease } from '../../domain/types.ts';
import { makeNonce } from '../admission/nonce.ts';
import { isAlive } from '../lease/holder.ts';
import { findRecord } from '../lease/record.ts';
import { type CleanedUp, cleanUpAfterFailure } from './after-failure.ts';
import { nodesOf } from './clean-up.ts';
import { releaseLease } from './release-lease.ts';

const LOOK_SECONDS = 5;
const MOST_LOOKS = 7;

/** A group that a run may have left in disorder. */
export interface TidyRequest {
  readonly clusterName: string;
  readonly autoScalingGroupName: string;
  /** ARN of an execution of this account and region. */
  readonly ownArn: string;
  /** ARN of an execution that has ended, or so it is said: it may be described as running for a moment. */
  readonly endedArn?: string | undefined;
  /** An operator asks for it: what a run that failed has left cordoned is opened too. */
  readonly isAsked?: boolean;
}

/** What was found or done: `held` by a run that is alive, `nothing` to do, `yielded` to a new run, or cleaned up. */
export type Tidied =
  | { readonly status: 'held'; readonly holder: string }
  | { readonly status: 'nothing' }
  | { readonly status: 'unreadable' }
  | CleanedUp;

/** ARN of the run that has to answer for the group: the holder of the Lease, else who wrote the tags and was not cleaned up after. */
function answerable(record: GroupRecord | undefined, group: AutoScalingGroup | undefined): string | undefined {
  if (record !== undefined) return record.holder;
  return group === undefined || isLeft(group) ? undefined : group.tags[ORIGINAL_SETTINGS_TAGS.run];
}

const hasEntries = (record: GroupRecord | undefined): boolean =>
  record?.accounts !== 'unreadable' && (record?.accounts?.entries ?? []).length > 0;

/** Take the Lease as the janitor; orders stay until it is released. `undefined` when somebody else was quicker. */
async function takeLease(
  deps: Deps,
  cluster: Cluster,
  name: string,
  before: Lease | undefined,
): Promise<GroupRecord | undefined> {
  const nonce = makeNonce(deps.random);
  const holder = janitorHolder(nonce);
  const annotations = { ...before?.annotations, [RECORD_ANNOTATIONS.nonce]: nonce };
  const taken =
    before === undefined
      ? await cluster.createLease(LEASE_NAMESPACE, { name, holder, annotations })
      : await cluster.replaceLease(LEASE_NAMESPACE, { ...before, holder, annotations });
  return typeof taken === 'string' ? undefined : readRecord(taken);
}

const sharedSchema = z.looseObject({ run: workflowRunSchema });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Name of the execution by which blocked nodes stay cordoned, as the settings of the dead run ask for. */
function cordonsOf({ accounts, inputs }: GroupRecord): string | undefined {
  const shared = accounts === undefined || accounts === 'unreadable' ? undefined : inputs[accounts.memory.runId];
  if (shared === undefined) return undefined;
  const parsed = sharedSchema.safeParse(parseJson(shared)).data?.run;
  return parsed?.blockedNodes === 'leaveCordoned' ? executionNameOf(parsed.executionArn) : undefined;
}

/**
 * Whether the run that answers for a group may still write. One that is said to have ended is asked about again for a moment;
 * when it runs on after that, somebody has redriven it.
 */
async function isAtWork(deps: Deps, run: string, { ownArn, endedArn }: TidyRequest): Promise<boolean> {
  for (let looks = 1; await isAlive(deps, run, ownArn); looks += 1) {
    if (run !== endedArn || looks >= MOST_LOOKS) return true;
    await deps.clock.sleep(LOOK_SECONDS);
  }
  return false;
}

/** What has to be done: by whom the group is held, or why the janitor takes it. */
async function judge(
  deps: Deps,
  request: TidyRequest,
  record: GroupRecord | undefined,
): Promise<Extract<Tidied, { status: 'held' | 'nothing' | 'unreadable' }> | 'take'> {
  const { clusterName, autoScalingGroupName, isAsked = false } = request;
  const group = await deps.autoScaling.findGroup(autoScalingGroupName);
  const run = answerable(record, group);
  if (run !== undefined && (await isAtWork(deps, run, request))) return { status: 'held', holder: run };
  if (record?.accounts === 'unreadable') return { status: 'unreadable' };
  if (run !== undefined || hasEntries(record)) return 'take';
  if (!isAsked || group === undefined) return { status: 'nothing' };
  const nodes = await (await deps.cluster(clusterName)).listNodes();
  return nodesOf(group, nodes).some(isOwned) ? 'take' : { status: 'nothing' };
}

/** Clean up what the dead run has left. The group is read after its record was taken, so that nothing is admitted meanwhile. */
async function cleanUp(deps: Deps, request: TidyRequest, taken: GroupRecord): Promise<CleanedUp> {
  const { clusterName, autoScalingGroupName, isAsked = false } = request;
  const cluster = await deps.cluster(clusterName);
  const [group, nodes] = await Promise.all([deps.autoScaling.findGroup(autoScalingGroupName), cluster.listNodes()]);
  if (group === undefined) return { status: 'cleanedUp', cleanedNodes: 0, cordonedNodes: 0, inHand: 0 };
  return cleanUpAfterFailure(deps, {
    clusterName,
    record: taken,
    group,
    nodes,
    cordonsParkedBy: isAsked ? undefined : cordonsOf(taken),
    missingTags: hasOriginalSettings(group) ? {} : undefined,
  });
}

/**
 * Clean up after a run that has died: take its record, let what is in hand finish, undo what is ours, release.
 *
 * It admits nothing, and yields to a new run. Nodes that are still in hand are left for the next call.
 */
export async function tidyGroup(deps: Deps, request: TidyRequest): Promise<Tidied> {
  const { clusterName, autoScalingGroupName: name } = request;
  const cluster = await deps.cluster(clusterName);
  const record = await findRecord(cluster, name);
  const judgement = await judge(deps, request, record);
  if (judgement !== 'take') return judgement;
  const taken = await takeLease(deps, cluster, leaseName(name), record?.lease);
  if (taken?.holder === undefined) return { status: 'yielded' };
  const outcome = await cleanUp(deps, request, taken);
  if (outcome.status === 'cleanedUp') await releaseLease(cluster, name, taken.holder);
  return outcome;
}
