import { isReady } from '../kubernetes/pod-state.ts';
import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Machine, MachineObserver } from '../world/machines.ts';
import type { Timings } from '../world/scenario.ts';
import { bridgedNode, DEATH_PATCH, MACHINE_LABEL, silentStatus } from './bridged-node.ts';
import type { ClusterAnswer, ExternalCluster } from './external-cluster.ts';

/** The cluster does not take the nodes; the message says why in one sentence. */
export class ClusterRefused extends Error {
  override readonly name = 'ClusterRefused';
}

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

const RETRY_SECONDS = 5;
const MOST_ATTEMPTS = 6;
/** How often, and how many times, to check whether the first nodes are Ready. */
const CHECK_SECONDS = 1;
const MOST_CHECKS = 60;

interface Entry {
  readonly machine: Machine;
  isStopping: boolean;
  /** The cluster has noticed that the kubelet says nothing any more. */
  isSilent: boolean;
  isGone: boolean;
  /** Of the Node while there is one that we registered: we change and delete no other. */
  uid: string | undefined;
  /** Changes to one node happen one after the other. */
  last: Promise<void>;
}

interface NodeChange {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

const pathOf = (machine: Machine) => `/api/v1/nodes/${encodeURIComponent(machine.privateDnsName)}`;

const isPassing = (status: number) => status === 429 || status >= 500;

/** The Node is gone, or another has its name: nothing is left to be done. */
const isSettledWithout = ({ status }: ClusterAnswer) => status === 404 || status === 409;

const said = ({ status, body }: ClusterAnswer) => `${status} ${body.message ?? ''}`.trim();

const failureOf = (answer: ClusterAnswer): string | undefined =>
  answer.status < 300 || isSettledWithout(answer) ? undefined : said(answer);

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
  const entries = new Map<string, Entry>();
  const problems: string[] = [];
  let isWithdrawn = false;

  const now = () => isoSeconds(clock.now());

  /** Ask until there is an answer that will not change by itself. */
  const ask = async (method: string, path: string, body?: object): Promise<ClusterAnswer> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await cluster.request(method, path, body);
        if (!isPassing(answer.status) || attempt >= MOST_ATTEMPTS || isWithdrawn) return answer;
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || isWithdrawn) throw error;
      }
      await pause(attempt);
    }
  };

  const inTurn = (entry: Entry, what: string, work: () => Promise<string | undefined>): Promise<void> => {
    entry.last = entry.last.then(async () => {
      const failure = await work().catch((error: Error) => error.message);
      if (failure === undefined || isWithdrawn) return;
      const sentence = `${what} node ${entry.machine.privateDnsName} (${entry.machine.instanceId}): ${failure}`;
      problems.push(sentence);
      onProblem(sentence);
    });
    return entry.last;
  };

  const enrol = (machine: Machine): Entry => {
    const entry: Entry = {
      machine,
      isStopping: false,
      isSilent: false,
      isGone: false,
      uid: undefined,
      last: Promise.resolve(),
    };
    entries.set(machine.instanceId, entry);
    return entry;
  };

  const remove = async (entry: Entry): Promise<string | undefined> => {
    if (entry.uid === undefined) return undefined;
    const answer = await ask('DELETE', pathOf(entry.machine), { preconditions: { uid: entry.uid } });
    const failure = failureOf(answer);
    if (failure === undefined) entry.uid = undefined;
    return failure;
  };

  /** A Node of this name is in the way. @returns whether it was what an earlier sandbox left behind, and is deleted now */
  const clearLeftover = async (machine: Machine): Promise<boolean> => {
    const { status, body } = await ask('GET', pathOf(machine));
    if (status === 404) return true;
    const instanceId = body.metadata?.labels?.[MACHINE_LABEL];
    if (instanceId === undefined || [...entries.values()].some(({ uid }) => uid === body.metadata?.uid)) return false;
    await ask('DELETE', pathOf(machine), { preconditions: { uid: body.metadata?.uid } });
    return true;
  };

  const register = async (entry: Entry): Promise<string | undefined> => {
    for (let attempt = 1; !entry.isStopping && !isWithdrawn; attempt += 1) {
      const answer = await ask('POST', '/api/v1/nodes', bridgedNode(entry.machine, region, now()));
      if (answer.status === 201) {
        entry.uid = answer.body.metadata?.uid;
        return undefined;
      }
      if (answer.status !== 409 || attempt >= MOST_ATTEMPTS) {
        return answer.status === 409 ? 'the cluster has a Node of this name that no sandbox registered' : said(answer);
      }
      // Else an address that was given out again: the Node of its former owner has to go first.
      if (!(await clearLeftover(entry.machine))) await pause(RETRY_SECONDS);
    }
    return undefined;
  };

  /** A patch that names another uid is refused: it cannot hit a Node that took the name meanwhile. */
  const change = (entry: Entry, { metadata, ...rest }: NodeChange, subresource = '') =>
    ask('PATCH', pathOf(entry.machine) + subresource, { ...rest, metadata: { ...metadata, uid: entry.uid } });

  const patch = async (entry: Entry, body: NodeChange, subresource?: string) =>
    entry.uid === undefined ? undefined : failureOf(await change(entry, body, subresource));

  /** The cloud controller deletes a Node only when its machine is gone and it is not Ready. */
  const considerDeletion = (entry: Entry) => {
    if (!entry.isGone || !entry.isSilent) return;
    clock.after(timings.nodeDeletionSeconds, () => {
      void inTurn(entry, 'delete', () => remove(entry)).then(() => entries.delete(entry.machine.instanceId));
    });
  };

  const stop = (entry: Entry) => {
    if (entry.isStopping) return;
    entry.isStopping = true;
    void inTurn(entry, 'stop', () => patch(entry, DEATH_PATCH));
    clock.after(timings.nodeMonitorGraceSeconds, () => {
      entry.isSilent = true;
      void inTurn(entry, 'silence', () => patch(entry, silentStatus(now()), '/status'));
      considerDeletion(entry);
    });
  };

  const unreadyNodes = async (): Promise<readonly string[]> => {
    const { status, body } = await ask('GET', `/api/v1/nodes?labelSelector=${encodeURIComponent(MACHINE_LABEL)}`);
    if (status !== 200) throw new ClusterRefused(`list nodes: ${said({ status, body })}`);
    const ready = new Set((body.items ?? []).filter(isReady).map(({ metadata }) => metadata.uid));
    return [...entries.values()]
      .filter(({ uid, machine }) => machine.boots === 'ready' && uid !== undefined && !ready.has(uid))
      .map(({ machine }) => machine.privateDnsName);
  };

  return {
    machineExisted(machine) {
      const entry = enrol(machine);
      void inTurn(entry, 'register', () => register(entry));
    },
    machineInService(machine) {
      const entry = enrol(machine);
      if (machine.boots === 'never-joins') return;
      // A kubelet of kwok's is Ready at once, so the Node appears when it would have become Ready.
      const readySeconds = machine.boots === 'ready' ? timings.readySeconds : 0;
      clock.after(timings.joinSeconds + readySeconds, () => void inTurn(entry, 'register', () => register(entry)));
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
      let unready = await unreadyNodes();
      for (let checks = 1; unready.length > 0 && checks < MOST_CHECKS; checks += 1) {
        await pause(CHECK_SECONDS);
        unready = await unreadyNodes();
      }
      if (unready.length === 0) return;
      throw new ClusterRefused(
        `${unready.length} of the nodes are not Ready, ${unready[0]} for one: nothing plays their kubelets. Run kwok in the cluster, for nodes with the annotation kwok.x-k8s.io/node=fake`,
      );
    },
    async withdraw() {
      isWithdrawn = true;
      await Promise.all(
        [...entries.values()].map(async (entry) => {
          await entry.last;
          await remove(entry).catch(() => undefined);
        }),
      );
    },
  };
}
