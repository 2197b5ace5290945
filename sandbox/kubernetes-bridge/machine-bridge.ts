import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Machine, MachineObserver } from '../world/machines.ts';
import type { Timings } from '../world/scenario.ts';
import { type BridgedMachine, newBridgedMachine } from './bridged-machine.ts';
import { DEATH_PATCH, silentStatus } from './bridged-node.ts';
import { createAsk } from './cluster-requests.ts';
import type { ExternalCluster } from './external-cluster.ts';
import { createNodeChanges } from './node-changes.ts';
import { ClusterRefused, waitUntilNodesReady } from './nodes-ready.ts';

/** Machines of a simulated cloud as Nodes of a cluster that is not ours. */
export interface MachineBridge extends MachineObserver {
  /**
   * Wait until the nodes there are from the start are registered and Ready.
   *
   * @throws {ClusterRefused} when the cluster refuses them, or nothing plays their kubelets
   */
  settled(): Promise<void>;
  /** Delete every Node that was registered, and ignore machines that change from now on. */
  withdraw(): Promise<void>;
}

/**
 * Create the bridge between a simulated cloud and a real cluster: kubelets that join and die, and the cloud controller that
 * deletes the Node of one that is gone.
 *
 * Everything else is the cluster's own: its scheduler, controllers and pod garbage collector act as always. The kubelets
 * themselves are kwok's, by annotation: it takes the nodes that have it, and a node dies by losing it.
 *
 * @param onProblem called, with one sentence, for a change that the cluster refused for good
 */
export function createMachineBridge({
  cluster,
  clock,
  region,
  timings,
  pause,
  onProblem,
}: {
  readonly cluster: ExternalCluster;
  readonly clock: SandboxClock;
  readonly region: string;
  readonly timings: Pick<Timings, 'joinSeconds' | 'readySeconds' | 'nodeMonitorGraceSeconds' | 'nodeDeletionSeconds'>;
  /** Wait by the cluster's time, which is real. */
  readonly pause: (seconds: number) => Promise<unknown>;
  readonly onProblem: (sentence: string) => void;
}): MachineBridge {
  const entries = new Map<string, BridgedMachine>();
  const problems: string[] = [];
  let isWithdrawn = false;

  const ask = createAsk(cluster, pause, () => !isWithdrawn);
  const nodes = createNodeChanges({
    ask,
    clock,
    region,
    pause,
    isOurs: (nodeUid) => [...entries.values()].some(({ uid }) => uid === nodeUid),
    isWithdrawn: () => isWithdrawn,
  });

  const enrol = (machine: Machine): BridgedMachine => {
    const entry = newBridgedMachine(machine);
    entries.set(machine.instanceId, entry);
    return entry;
  };

  const inTurn = (entry: BridgedMachine, what: string, work: () => Promise<string | undefined>): Promise<void> => {
    entry.last = entry.last.then(async () => {
      const failure = await work().catch((error: Error) => error.message);
      if (failure === undefined || isWithdrawn) return;
      const sentence = `${what} node ${entry.machine.privateDnsName} (${entry.machine.instanceId}): ${failure}`;
      problems.push(sentence);
      onProblem(sentence);
    });
    return entry.last;
  };

  const register = (entry: BridgedMachine) => void inTurn(entry, 'register', () => nodes.register(entry));

  /** The cloud controller deletes a Node only when its machine is gone and it is not Ready. */
  const considerDeletion = (entry: BridgedMachine) => {
    if (!entry.isGone || !entry.isSilent) return;
    clock.after(timings.nodeDeletionSeconds, () => {
      void inTurn(entry, 'delete', () => nodes.remove(entry)).then(() => entries.delete(entry.machine.instanceId));
    });
  };

  const stop = (entry: BridgedMachine) => {
    if (entry.isStopping) return;
    entry.isStopping = true;
    void inTurn(entry, 'stop', () => nodes.patch(entry, DEATH_PATCH));
    clock.after(timings.nodeMonitorGraceSeconds, () => {
      entry.isSilent = true;
      void inTurn(entry, 'silence', () => nodes.patch(entry, silentStatus(isoSeconds(clock.now())), '/status'));
      considerDeletion(entry);
    });
  };

  return {
    machineExisted(machine) {
      register(enrol(machine));
    },
    machineInService(machine) {
      const entry = enrol(machine);
      if (machine.boots === 'never-joins') return;
      // A kubelet of kwok's is Ready at once, so the Node appears when it would have become Ready.
      const readySeconds = machine.boots === 'ready' ? timings.readySeconds : 0;
      clock.after(timings.joinSeconds + readySeconds, () => register(entry));
    },
    machineStopping(instanceId) {
      const entry = entries.get(instanceId);
      if (entry !== undefined) stop(entry);
    },
    machineGone(instanceId) {
      const entry = entries.get(instanceId);
      if (entry === undefined) return;
      stop(entry);
      entry.isGone = true;
      considerDeletion(entry);
    },
    async settled() {
      await Promise.all([...entries.values()].map(({ last }) => last));
      if (problems[0] !== undefined) throw new ClusterRefused(problems[0]);
      await waitUntilNodesReady(ask, pause, () => [...entries.values()]);
    },
    async withdraw() {
      isWithdrawn = true;
      await Promise.all(
        [...entries.values()].map(async (entry) => {
          await entry.last;
          await nodes.remove(entry).catch(() => undefined);
        }),
      );
    },
  };
}
