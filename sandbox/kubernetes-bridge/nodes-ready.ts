import { isReady } from '../kubernetes/pod-state.ts';
import type { BridgedMachine } from './bridged-machine.ts';
import { MACHINE_LABEL } from './bridged-node.ts';
import { type Ask, describeAnswer } from './cluster-requests.ts';

/** The cluster does not take the nodes; the message says why in one sentence. */
export class ClusterRefused extends Error {
  override readonly name = 'ClusterRefused';
}

/** How often, and how many times, to check whether the first nodes are Ready. */
const CHECK_SECONDS = 1;
const MOST_CHECKS = 60;

async function unreadyNodes(ask: Ask, machines: readonly BridgedMachine[]): Promise<readonly string[]> {
  const { status, body } = await ask('GET', `/api/v1/nodes?labelSelector=${encodeURIComponent(MACHINE_LABEL)}`);
  if (status !== 200) throw new ClusterRefused(`list nodes: ${describeAnswer({ status, body })}`);
  const ready = new Set((body.items ?? []).filter(isReady).map(({ metadata }) => metadata.uid));
  return machines
    .filter(({ uid, machine }) => machine.boots === 'ready' && uid !== undefined && !ready.has(uid))
    .map(({ machine }) => machine.privateDnsName);
}

/**
 * Wait until the Nodes of machines are Ready.
 *
 * @throws {ClusterRefused} when nothing plays their kubelets
 */
export async function waitUntilNodesReady(
  ask: Ask,
  pause: (seconds: number) => Promise<unknown>,
  machines: () => readonly BridgedMachine[],
): Promise<void> {
  let unready = await unreadyNodes(ask, machines());
  for (let checks = 1; unready.length > 0 && checks < MOST_CHECKS; checks += 1) {
    await pause(CHECK_SECONDS);
    unready = await unreadyNodes(ask, machines());
  }
  if (unready.length === 0) return;
  throw new ClusterRefused(
    `${unready.length} of the nodes are not Ready, ${unready[0]} for one: nothing plays their kubelets. Run kwok in the cluster, for nodes with the annotation kwok.x-k8s.io/node=fake`,
  );
}
