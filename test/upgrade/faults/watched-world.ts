import type { KubernetesObject } from 'eks-sandbox';
import type { Node, Pod } from 'eks-sandbox/kubernetes';
import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import type { Between } from '../../../cli/embedded/virtual-sandbox.ts';
import { CLUSTER, createWorld, type Ended, endOf, GROUP, INPUT, type UpgradeWorld } from '../run-upgrade.ts';

export const MINIMAL = { ...INPUT, updateConfig: { updateStrategy: 'MINIMAL' } };

/** An instance that somebody asked the group to terminate while it was not going already. */
export interface Termination {
  readonly at: number;
  readonly instanceId: string;
  readonly ami: string;
  /** Names of the pods that were on its node at that moment, those of DaemonSets left out. */
  readonly pods: readonly string[];
}

/** A world in which everything irreversible is written down as it happens. */
export interface WatchedWorld extends UpgradeWorld {
  readonly terminations: readonly Termination[];
  /** Names of pods, one for each eviction that was asked for. */
  readonly evictions: readonly string[];
  /** Ids of all instances that were ever in the group. */
  readonly instances: ReadonlySet<string>;
  readonly store: Store;
  readonly autoScalingGroup: ReturnType<typeof groupOf>;
  lease(): KubernetesObject | undefined;
  /** Who holds the Lease; `''` when nobody does. */
  lockHolder(): string;
  /** Give an order by an annotation of the Lease; `undefined` takes it back. */
  order(name: string, value: string | undefined): void;
  /** Lose so many instances to Spot. */
  interrupt(instances: number): void;
  /** Lose those of an AMI to Spot. */
  interruptAll(ami: string): void;
  /** Point the group at another version of its template, as `terraform apply` does. */
  pointAt(version: string): void;
  /** Let time pass until something holds. */
  when(holds: () => boolean, limitSeconds?: number): Promise<void>;
  /** Let time pass until an execution has ended, or so many seconds have. */
  end(execution: Execution, limitSeconds?: number): Promise<Ended>;
  /** Nodes that can take pods: Ready, InService, schedulable, and behind their load balancers. */
  serving(): readonly Node[];
  tainted(): readonly Node[];
}

type Store = NonNullable<ReturnType<UpgradeWorld['stores']['get']>>;

const LONGEST_RUN_SECONDS = 6 * 3600;
const TAINT = 'eks.amazonaws.com/nodegroup';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';

const isOfDaemonSet = ({ metadata }: Pod) => (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet');
const isReady = ({ status }: Node) =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

const groupOf = ({ region }: UpgradeWorld) => {
  const group = region.state.autoScaling.groups.get(GROUP);
  if (group === undefined) throw new Error(`there is no group ${GROUP}`);
  return group;
};

const storeOf = ({ stores }: UpgradeWorld): Store => stores.get(CLUSTER) as Store;

/** Evictable pods on the node of an instance. */
const podsOf = (sandbox: UpgradeWorld, instanceId: string): Pod[] => {
  const node = sandbox.nodes().find(({ spec }) => spec?.providerID?.endsWith(`/${instanceId}`) === true);
  return node === undefined
    ? []
    : storeOf(sandbox)
        .podsOnNode(node.metadata.name)
        .filter((pod) => !isOfDaemonSet(pod));
};

/** Write down terminations and evictions as they are asked for, and who was ever in the group. */
function watch(sandbox: UpgradeWorld) {
  const group = groupOf(sandbox);
  const terminations: Termination[] = [];
  const evictions: string[] = [];
  const instances = new Set(group.members.keys());
  sandbox.wire.onRequest(({ at, action, request }) => {
    for (const instanceId of group.members.keys()) instances.add(instanceId);
    if (action.endsWith('/eviction')) evictions.push(action.split('/').at(-2) as string);
    if (action !== 'TerminateInstanceInAutoScalingGroup') return;
    const instanceId = new URLSearchParams(request.body).get('InstanceId') as string;
    const member = group.members.get(instanceId);
    if (member === undefined || member.lifecycleState.startsWith('Terminating')) return;
    const pods = podsOf(sandbox, instanceId).map(({ metadata }) => metadata.name);
    terminations.push({ at, instanceId, ami: member.instance.image.id, pods });
  });
  return { terminations, evictions, instances };
}

/** Create a world and watch it. */
export async function watchedWorld(scenario?: ScenarioInput, between?: Between): Promise<WatchedWorld> {
  const sandbox = await createWorld(scenario, undefined, between);
  const group = groupOf(sandbox);
  const store = storeOf(sandbox);
  const { clock } = sandbox;
  const lease = () => store.list('leases').find(({ metadata }) => metadata.namespace === 'eks-nodegroup-upgrade');
  return {
    ...sandbox,
    ...watch(sandbox),
    store,
    autoScalingGroup: group,
    lease,
    lockHolder: () => (lease() as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity ?? '',
    order(name, value) {
      const { metadata } = lease() as KubernetesObject;
      store.change('leases', metadata.namespace, metadata.name, (found) => {
        const { [`eks-nodegroup-upgrade/${name}`]: _, ...annotations } = found.metadata.annotations ?? {};
        const ordered =
          value === undefined ? annotations : { ...annotations, [`eks-nodegroup-upgrade/${name}`]: value };
        return { ...found, metadata: { ...found.metadata, annotations: ordered } };
      });
    },
    interrupt: (instances) => sandbox.region.state.autoScaling.interrupt(group, instances),
    interruptAll(ami) {
      const { instances } = sandbox.region.state;
      for (const { instance } of group.members.values())
        if (instance.image.id === ami)
          instances.shutDown(instance, { code: 'Server.SpotInstanceTermination', message: 'Spot interruption' });
    },
    pointAt(version) {
      if (group.source.kind === 'launch-configuration') throw new Error('the group has no template');
      group.source = { ...group.source, template: { ...group.source.template, version } };
    },
    when: (holds, limitSeconds = 7200) => clock.runUntil(holds, limitSeconds),
    async end(execution, limitSeconds = LONGEST_RUN_SECONDS) {
      const limit = clock.now() + limitSeconds * 1000;
      clock.after(limitSeconds, () => {});
      await clock.runUntil(() => execution.status !== 'RUNNING' || clock.now() >= limit, limitSeconds + 1);
      return endOf(execution);
    },
    serving: () =>
      sandbox.nodes().filter((node) => {
        const instanceId = node.spec?.providerID?.split('/').at(-1) ?? '';
        const isInService = group.members.get(instanceId)?.lifecycleState === 'InService';
        return isInService && isReady(node) && node.spec?.unschedulable !== true && !node.metadata.labels?.[EXCLUDED];
      }),
    tainted: () => sandbox.nodes().filter(({ spec }) => (spec?.taints ?? []).some(({ key }) => key === TAINT)),
  };
}

/** Instances of a world that were terminated with pods on their nodes. */
export const undrained = ({ terminations }: WatchedWorld) => terminations.filter(({ pods }) => pods.length > 0);

/** Whether somebody has taken a node out of service on purpose. */
const isTaken = ({ metadata, spec }: Node) => spec?.unschedulable === true || metadata.labels?.[EXCLUDED] !== undefined;

/** How many nodes could take pods after each drain had begun: drains from now on. */
export function servingAtDrains(sandbox: WatchedWorld): readonly number[] {
  const counts: number[] = [];
  sandbox.store.subscribe((event) => {
    if (event.type !== 'MODIFIED' || event.resource !== 'nodes') return;
    if (isTaken(event.object) && event.previous !== undefined && !isTaken(event.previous))
      counts.push(sandbox.serving().length);
  });
  return counts;
}
