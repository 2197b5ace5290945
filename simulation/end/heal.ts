import type { PodDisruptionBudget } from 'eks-sandbox/kubernetes';
import { LEASE_NAMESPACE, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { instanceIdOf } from '../ledger/node-state.ts';
import type { SimulatedWorld } from '../world.ts';

type Store = NonNullable<ReturnType<SimulatedWorld['stores']['get']>>;

/** Whether a budget lets nobody go although all its pods are healthy. */
const isStrict = ({ status }: PodDisruptionBudget): boolean =>
  (status?.expectedPods ?? 0) > 0 && (status?.desiredHealthy ?? 0) >= (status?.expectedPods ?? 0);

/**
 * Let budgets that never let a pod go allow one, or under MINIMAL all: where pods find no other node they wait for the new
 * one, and one that waits keeps the others of its budget.
 *
 * @returns names of the budgets that are changed
 */
function relaxBudgets(store: Store, isMinimal: boolean): string[] {
  return store
    .list('poddisruptionbudgets')
    .filter((budget) => isMinimal || isStrict(budget))
    .map(({ metadata: { namespace, name } }) => {
      store.change('poddisruptionbudgets', namespace, name, (budget) => ({
        ...budget,
        spec: {
          ...(budget.spec.selector !== undefined && { selector: budget.spec.selector }),
          maxUnavailable: isMinimal ? '100%' : 1,
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      }));
      return `${namespace}/${name}`;
    });
}

/** Take a pause back that nobody else will. */
function resumeAll(store: Store): void {
  for (const { metadata } of store.list('leases')) {
    if (metadata.namespace !== LEASE_NAMESPACE || metadata.annotations?.[RECORD_ANNOTATIONS.pause] === undefined)
      continue;
    store.change('leases', metadata.namespace, metadata.name, (lease) => {
      const { [RECORD_ANNOTATIONS.pause]: _, ...annotations } = lease.metadata.annotations ?? {};
      return { ...lease, metadata: { ...lease.metadata, annotations } };
    });
  }
}

/** Delete the pods that no controller has, where an input refuses to evict them. */
function removeBarePods(store: Store): string[] {
  return store
    .list('pods')
    .filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0)
    .map(({ metadata: { namespace, name } }) => {
      store.remove('pods', namespace, name);
      return `${namespace}/${name}`;
    });
}

/** Longer than any machine of a case takes to boot and to register. */
const LONGEST_BOOT_SECONDS = 180;

/**
 * Lose the machines whose kubelets are silent, as EC2's status check does with them: those that fell silent later, those that
 * did before they registered, and those whose Node somebody has deleted, since a kubelet registers once.
 *
 * @returns their instance ids
 */
function replaceSilentMachines({ clock, region, stores, actorReports }: SimulatedWorld): string[] {
  const silent = [...stores.values()].flatMap((store) =>
    store.list('nodes').flatMap((node) => {
      const conditions = node.status?.conditions ?? [];
      const isSilent = conditions.some(({ type, status }) => type === 'Ready' && status === 'Unknown');
      return isSilent ? (instanceIdOf(node) ?? []) : [];
    }),
  );
  const forgotten = actorReports.flatMap(({ actor, instanceId = '', refusal }) =>
    actor.kind === 'deleteNodes' && refusal === undefined ? [instanceId] : [],
  );
  const registered = new Set([...stores.values()].flatMap((store) => store.list('nodes').map(instanceIdOf)));
  const { autoScaling, instances } = region.state;
  const lost = [...autoScaling.groups.values()]
    .flatMap((group) => [...group.members.values()].map(({ instance }) => instance))
    .filter(
      ({ instanceId, launchedAt }) =>
        silent.includes(instanceId) ||
        forgotten.includes(instanceId) ||
        (!registered.has(instanceId) && clock.now() - launchedAt > LONGEST_BOOT_SECONDS * 1000),
    );
  for (const instance of lost)
    instances.shutDown(instance, { code: 'Server.InternalError', message: 'Internal error' });
  return lost.map(({ instanceId }) => instanceId);
}

/** Take the tolerations away by which pods return to a node that EKS drains: EKS fails for that, again and again. */
function removeTolerations(store: Store): string[] {
  return store
    .list('deployments')
    .filter(({ spec }) => (spec?.template?.spec?.tolerations ?? []).length > 0)
    .map(({ metadata: { namespace, name } }) => {
      store.change('deployments', namespace, name, (deployment) => {
        const { template } = deployment.spec;
        return {
          ...deployment,
          spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, tolerations: [] } } },
        };
      });
      return `${namespace}/${name}`;
    });
}

/** Mend what no workflow can: as the owners of the workloads do once they are told what blocks. */
export function heal(world: SimulatedWorld): void {
  const refuses = world.given.runs.some(
    ({ input }) => (input.pods as { unmanaged?: string } | undefined)?.unmanaged === 'refuse',
  );
  const isMinimal = JSON.stringify([world.given.runs, world.given.scenario.clusters]).includes('"MINIMAL"');
  for (const store of world.stores.values()) {
    const relaxed = relaxBudgets(store, isMinimal);
    const removed = refuses ? removeBarePods(store) : [];
    resumeAll(store);
    const isByEks = world.scenario.clusters.some(({ groups }) => groups.some(({ managed }) => managed !== undefined));
    const untolerating = isByEks ? removeTolerations(store) : [];
    if (untolerating.length > 0)
      world.say(`owners: the pods of ${untolerating.join(', ')} tolerate no taint from now on`);
    if (relaxed.length > 0) world.say(`owners: the budgets ${relaxed.join(', ')} let pods go from now on`);
    if (removed.length > 0) world.say(`owners: the bare pods ${removed.join(', ')} are deleted`);
  }
  const replaced = replaceSilentMachines(world);
  if (replaced.length > 0)
    world.say(`EC2: the machines ${replaced.join(', ')}, whose kubelets are silent or have no Node, are shut down`);
  world.say('the world is healthy from now on');
}
