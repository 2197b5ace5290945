import { type Entry, nodeExecutionName } from '../../../domain/admission/entry.ts';
import type { ExecutionState } from '../../../domain/admission/execution-state.ts';
import { refusalOfLicence } from '../../../domain/admission/licence.ts';
import type { Observation } from '../../../domain/admission/observation.ts';
import type { Accounts, HeldEntry } from '../../../domain/admission/record.ts';
import { type DecrementOutcome, IN_HAND_ANNOTATION, type InHand, writeInHand } from '../../../domain/drain/in-hand.ts';
import { type GroupNode, isNodeReady } from '../../../domain/nodegroup/nodegroup.ts';
import type { NodeResult, Sizes } from '../../../domain/state.ts';
import type { Node } from '../../../domain/types.ts';
import { aGroupNode, aLease, aNode, NOW_AT } from '../builders.ts';

/*
 * A group as small as a test can tell: an Auto Scaling group that launches and terminates, Nodes that boot, and executions
 * that drain and terminate as their licence allows. It decides nothing that is the conductor's.
 */

export const GROUP = 'workers';

interface Instance {
  readonly id: string;
  readonly zone: string;
  isOutdated: boolean;
  lifecycle: string;
}

interface Execution {
  status: string;
  output?: string;
  error?: string;
  stoppedAt?: string;
}

export interface SmallWorldOptions {
  /** Zone of each outdated node at the start. */
  readonly zones: readonly string[];
  readonly minSize?: number;
  readonly bootSeconds?: number;
  readonly drainSeconds?: number | ((instanceId: string) => number);
  readonly cordonWaitSeconds?: number;
  readonly drainTimeoutSeconds?: number;
  readonly terminationSeconds?: number;
}

/** The world, and what may happen to it. */
export type SmallWorld = ReturnType<typeof createSmallWorld>;

const countOf = (instances: readonly Instance[], zone: string) =>
  instances.filter((instance) => instance.zone === zone).length;

export function createSmallWorld(options: SmallWorldOptions) {
  const { zones, bootSeconds = 120, drainSeconds = 30, cordonWaitSeconds = 60 } = options;
  const { drainTimeoutSeconds = 900, terminationSeconds = 40 } = options;
  const allZones = [...new Set(zones)].sort();
  let now = Date.parse(NOW_AT);
  let planned: { at: number; happens: () => void }[] = [];
  let launched = 0;
  const sizes: { -readonly [Key in keyof Sizes]: Sizes[Key] } = {
    minSize: options.minSize ?? 0,
    maxSize: 1_000,
    desiredCapacity: zones.length,
  };
  let instances: Instance[] = zones.map((zone, index) => ({
    id: `i-00${index}`,
    zone,
    isOutdated: true,
    lifecycle: 'InService',
  }));
  const nodes = new Map<string, Node>();
  const executions = new Map<string, Execution>();
  const activities = new Map<string, 'shrank' | 'replaced'>();
  const stuck = new Set<string>();
  const dying = new Set<string>();
  const history: { at: number; sizes: Sizes; instances: readonly Instance[] }[] = [];
  const record: { accounts: Accounts | undefined; halt?: string } = { accounts: undefined };
  let launches = true;

  const at = (milliseconds = now) => new Date(milliseconds).toISOString();
  const plan = (seconds: number, happens: () => void) => planned.push({ at: now + seconds * 1000, happens });
  const note = () => history.push({ at: now, sizes: { ...sizes }, instances: instances.map((each) => ({ ...each })) });
  const register = (id: string, uid = `uid-${id}`) =>
    nodes.set(id, aNode({ name: `node-${id}`, instanceId: id, uid, createdAt: at() }));
  const active = () => instances.filter(({ lifecycle }) => !/^(Terminat|Detach|Standby)/.test(lifecycle));

  function kill(instance: Instance): void {
    instance.lifecycle = 'Terminating';
    plan(terminationSeconds, () => {
      instances = instances.filter((other) => other !== instance);
      nodes.delete(instance.id);
      note();
    });
    balance();
  }

  /** What Auto Scaling does by itself: launch into the emptiest zone, terminate in the fullest, oldest first. */
  function balance(): void {
    while (launches && active().length < sizes.desiredCapacity) {
      const [zone] = [...allZones].sort((left, right) => countOf(active(), left) - countOf(active(), right));
      const instance: Instance = {
        id: `i-f${launched.toString(16)}`,
        zone: zone as string,
        isOutdated: false,
        lifecycle: 'Pending',
      };
      launched += 1;
      instances.push(instance);
      plan(10, () => {
        if (instance.lifecycle === 'Pending') instance.lifecycle = 'InService';
        note();
      });
      plan(bootSeconds, () => instances.includes(instance) && register(instance.id));
    }
    if (active().length > sizes.desiredCapacity) {
      const [zone] = [...allZones].sort((left, right) => countOf(active(), right) - countOf(active(), left));
      const victim = active().find((instance) => instance.zone === zone);
      if (victim !== undefined) kill(victim);
    }
    note();
  }

  const setDesired = (desiredCapacity: number) => {
    sizes.desiredCapacity = desiredCapacity;
    balance();
  };

  function terminate(id: string, decrement: boolean): 'terminated' | 'gone' | 'atMinimum' {
    const instance = instances.find((each) => each.id === id);
    if (instance === undefined || /^Terminat/.test(instance.lifecycle)) return 'gone';
    if (decrement && sizes.desiredCapacity <= sizes.minSize) return 'atMinimum';
    if (decrement) sizes.desiredCapacity -= 1;
    activities.set(id, decrement ? 'shrank' : 'replaced');
    kill(instance);
    return 'terminated';
  }

  function annotate(entry: Entry, phase: InHand['phase'], decrement?: DecrementOutcome): void {
    const node = nodes.get(entry.instanceId);
    if (node === undefined) return;
    const execution = nodeExecutionName(GROUP, entry);
    const value = writeInHand({ execution, phase, since: at(), ...(decrement !== undefined && { decrement }) });
    nodes.set(entry.instanceId, { ...node, annotations: { ...node.annotations, [IN_HAND_ANNOTATION]: value } });
  }

  /** What the execution of a node does. It goes on only while it runs, and acts only with a licence. */
  function run(entry: Entry): void {
    const name = nodeExecutionName(GROUP, entry);
    const execution = executions.get(name) as Execution;
    const later = (seconds: number, happens: () => void) =>
      plan(seconds, () => execution.status === 'RUNNING' && happens());
    const end = (result: Omit<NodeResult, 'instanceId'>) => {
      execution.status = 'SUCCEEDED';
      execution.output = JSON.stringify({ instanceId: entry.instanceId, ...result });
      execution.stoppedAt = at();
    };
    const isLicensed = (states: readonly HeldEntry['state'][]) => {
      const orders = record.halt === undefined ? {} : { halt: record.halt };
      const group = {
        lease: aLease(),
        holder: undefined,
        orders,
        nonce: undefined,
        accounts: record.accounts,
        inputs: {},
      };
      const claim = { autoScalingGroupName: GROUP, execution: name, node: entry, states };
      return refusalOfLicence(group, claim) === undefined;
    };
    const finish = (decrement: DecrementOutcome, outcome: NodeResult['outcome']) => {
      if (entry.decrement && decrement !== 'yes') annotate(entry, 'terminating', decrement);
      end({ outcome, decrement });
    };
    const terminateNode = () => {
      if (!isLicensed(['inHand', 'leaving'])) return end({ outcome: 'skipped', reason: 'no licence' });
      annotate(entry, 'terminating');
      if (dying.delete(entry.instanceId)) return abort(name);
      const instance = instances.find(({ id }) => id === entry.instanceId);
      if (entry.enters === 'terminate' && (instance === undefined || /^Terminat/.test(instance.lifecycle))) {
        const activity = activities.get(entry.instanceId);
        return finish(activity === 'shrank' ? 'yes' : activity === 'replaced' ? 'no' : 'unknown', 'upgraded');
      }
      const answer = terminate(entry.instanceId, entry.decrement);
      if (answer === 'gone') return finish('no', 'gone');
      if (answer === 'terminated') return finish(entry.decrement ? 'yes' : 'no', 'upgraded');
      if (entry.kind === 'surplus') return finish('atMinimum', 'skipped');
      terminate(entry.instanceId, false);
      return finish('atMinimum', 'upgraded');
    };
    const drain = () => {
      if (!isLicensed(['inHand'])) return end({ outcome: 'skipped', reason: 'no licence' });
      const node = nodes.get(entry.instanceId);
      if (node === undefined && entry.nodeName === undefined) return terminateNode();
      if (node === undefined || (entry.uid !== undefined && node.uid !== entry.uid)) {
        return end({ outcome: 'gone', reason: 'the Node is gone' });
      }
      annotate(entry, 'draining');
      if (stuck.has(entry.instanceId)) {
        return later(drainTimeoutSeconds, () => {
          annotate(entry, 'blocked');
          end({ outcome: 'blocked', error: 'PodEvictionFailure', reason: 'budget shop/checkout allows none' });
        });
      }
      return later(typeof drainSeconds === 'number' ? drainSeconds : drainSeconds(entry.instanceId), () => {
        annotate(entry, 'cordoned');
        later(cordonWaitSeconds, terminateNode);
      });
    };
    later(1, entry.enters === 'terminate' ? terminateNode : drain);
  }

  function start(entry: Entry): 'started' | 'taken' {
    const name = nodeExecutionName(GROUP, entry);
    const known = executions.get(name);
    if (known !== undefined) return known.status === 'RUNNING' ? 'started' : 'taken';
    executions.set(name, { status: 'RUNNING' });
    run(entry);
    return 'started';
  }

  function abort(name: string): void {
    const execution = executions.get(name);
    if (execution?.status !== 'RUNNING') return;
    executions.set(name, Object.assign(execution, { status: 'ABORTED', stoppedAt: at(), error: 'States.Runtime' }));
  }

  for (const { id } of instances) register(id);
  note();

  function memberOf({ id, zone, lifecycle, isOutdated }: Instance): GroupNode {
    const { node: _none, ...member } = aGroupNode({ instanceId: id, zone, lifecycleState: lifecycle, isOutdated });
    const node = nodes.get(id);
    const isReady = lifecycle === 'InService' && node !== undefined && isNodeReady(node);
    return { ...member, ...(node !== undefined && { node }), isReady };
  }

  return {
    sizes,
    record,
    activities,
    executions,
    nodes,
    stuck,
    dying,
    at,
    plan,
    start,
    abort,
    setDesired,
    instances: () => instances,
    setLaunches(on: boolean) {
      launches = on;
      balance();
    },
    setMinimum(minSize: number) {
      sizes.minSize = minSize;
      if (sizes.desiredCapacity < minSize) setDesired(minSize);
      note();
    },
    /** Spot, a person, a controller: the instance goes, and no scaling activity says that a user asked for it. */
    lose(id: string) {
      const instance = active().find((each) => each.id === id);
      if (instance !== undefined) kill(instance);
    },
    setReady(id: string, isReady: boolean) {
      const node = nodes.get(id);
      if (node !== undefined) nodes.set(id, { ...node, isReady });
    },
    /** Somebody launches it from the old template version. */
    makeOutdated(id: string) {
      for (const instance of instances) if (instance.id === id) instance.isOutdated = true;
      note();
    },
    setLifecycle(id: string, lifecycle: string) {
      for (const instance of instances) if (instance.id === id) instance.lifecycle = lifecycle;
      note();
    },
    reopen(id: string) {
      const node = nodes.get(id);
      if (node !== undefined) nodes.set(id, { ...node, annotations: {} });
    },
    describe(entry: Entry): ExecutionState | undefined {
      return executions.get(nodeExecutionName(GROUP, entry));
    },
    /** Let time pass, with all that happens meanwhile. */
    pass(seconds: number) {
      const end = now + seconds * 1000;
      for (;;) {
        const next = planned.reduce<(typeof planned)[number] | undefined>(
          (first, each) => (each.at <= end && (first === undefined || each.at < first.at) ? each : first),
          undefined,
        );
        if (next === undefined) break;
        planned = planned.filter((each) => each !== next);
        now = Math.max(now, next.at);
        next.happens();
      }
      now = end;
    },
    /** What Auto Scaling and Kubernetes answer; the former as it was some seconds ago. */
    observe(staleSeconds = 0): Observation {
      const answer = history.findLast((each) => each.at <= now - staleSeconds * 1000) ?? history[0];
      if (answer === undefined) throw new Error('a world has a beginning');
      return {
        at: at(),
        nodesAt: at(),
        sizes: answer.sizes,
        members: answer.instances.map(memberOf),
        nodes: new Map(nodes),
      };
    },
  };
}
