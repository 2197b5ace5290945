import { outdatedMembers } from '../../domain/admission/observation.ts';
import { disableScaleDown, executionNameOf, liftTaint, taintOutdated } from '../../domain/nodegroup/node-ownership.ts';
import type { Node } from '../../domain/types.ts';
import { changeNodes } from '../nodegroup/change-node.ts';
import type { Conductor } from './conductor.ts';

/** A gate that is closed for longer opens the nodes that are not in hand to pods again. */
const LONG_GATE_SECONDS = 1_800;

const isGateLong = ({ accounts, reading }: Conductor): boolean => {
  const { gatedSince } = accounts.memory;
  return gatedSince !== undefined && Date.parse(reading.nodesAt) - Date.parse(gatedSince) > LONG_GATE_SECONDS * 1000;
};

/**
 * Keep the nodes as the upgrade needs them: outdated ones tainted, new ones out of reach of Cluster Autoscaler.
 *
 * Under MINIMAL only the node in hand is tainted, and while a gate is closed for long none.
 */
export async function keepNodes(conductor: Conductor): Promise<Conductor> {
  const { cluster, seen, accounts, request } = conductor;
  const { run } = request;
  const by = executionNameOf(run.executionArn);
  const nodesOf = (members: readonly { node?: Node }[]) => members.flatMap(({ node }) => node ?? []);
  const outdated = nodesOf(outdatedMembers(seen, accounts, run));
  const renewed = nodesOf(
    seen.members.filter((member) => !member.isOutdated && isUntaken(conductor, member.instanceId)),
  );
  await changeNodes(cluster, renewed, (node) => disableScaleDown(node, by));
  if (isGateLong(conductor)) await changeNodes(cluster, outdated, liftTaint);
  else if (run.updateStrategy === 'DEFAULT') await changeNodes(cluster, outdated, (node) => taintOutdated(node, by));
  return conductor;
}

/** A new node that is in hand as surplus is left to its execution. */
const isUntaken = ({ accounts }: Conductor, id: string): boolean =>
  !accounts.entries.some(({ instanceId }) => instanceId === id);
