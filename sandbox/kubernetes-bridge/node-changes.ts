import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Machine } from '../world/machines.ts';
import { type BridgedMachine, nodePathOf } from './bridged-machine.ts';
import { bridgedNode, MACHINE_LABEL } from './bridged-node.ts';
import { type Ask, describeAnswer, failureOf, MOST_ATTEMPTS } from './cluster-requests.ts';

const RETRY_SECONDS = 5;

interface NodeChange {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** Changes to the Nodes of bridged machines. Each gives what is wrong in the end, in words; undefined when nothing is. */
export interface NodeChanges {
  register(entry: BridgedMachine): Promise<string | undefined>;
  patch(entry: BridgedMachine, body: NodeChange, subresource?: string): Promise<string | undefined>;
  remove(entry: BridgedMachine): Promise<string | undefined>;
}

/**
 * Create the changes to Nodes. They hit only the Node that was registered here, by its uid, whatever has its name meanwhile.
 *
 * @param isOurs true for the uid of a Node that was registered here
 */
export function createNodeChanges({
  ask,
  clock,
  region,
  pause,
  isOurs,
  isWithdrawn,
}: {
  readonly ask: Ask;
  readonly clock: SandboxClock;
  readonly region: string;
  readonly pause: (seconds: number) => Promise<unknown>;
  readonly isOurs: (uid: string | undefined) => boolean;
  readonly isWithdrawn: () => boolean;
}): NodeChanges {
  /** A Node of this name is in the way. @returns whether it was what an earlier sandbox left behind, and is deleted now */
  const clearLeftover = async (machine: Machine): Promise<boolean> => {
    const { status, body } = await ask('GET', nodePathOf(machine));
    if (status === 404) return true;
    const uid = body.metadata?.uid;
    if (body.metadata?.labels?.[MACHINE_LABEL] === undefined || isOurs(uid)) return false;
    await ask('DELETE', nodePathOf(machine), { preconditions: { uid } });
    return true;
  };

  return {
    async register(entry) {
      for (let attempt = 1; !entry.isStopping && !isWithdrawn(); attempt += 1) {
        const node = bridgedNode(entry.machine, region, isoSeconds(clock.now()));
        const answer = await ask('POST', '/api/v1/nodes', node);
        if (answer.status === 201) {
          entry.uid = answer.body.metadata?.uid;
          return undefined;
        }
        if (answer.status !== 409) return describeAnswer(answer);
        if (attempt >= MOST_ATTEMPTS) return 'the cluster has a Node of this name that no sandbox registered';
        // Else an address that was given out again: the Node of its former owner has to go first.
        if (!(await clearLeftover(entry.machine))) await pause(RETRY_SECONDS);
      }
      return undefined;
    },
    async patch(entry, { metadata, ...rest }, subresource = '') {
      if (entry.uid === undefined) return undefined;
      const body = { ...rest, metadata: { ...metadata, uid: entry.uid } };
      return failureOf(await ask('PATCH', nodePathOf(entry.machine) + subresource, body));
    },
    async remove(entry) {
      if (entry.uid === undefined) return undefined;
      const answer = await ask('DELETE', nodePathOf(entry.machine), { preconditions: { uid: entry.uid } });
      const failure = failureOf(answer);
      if (failure === undefined) entry.uid = undefined;
      return failure;
    },
  };
}
