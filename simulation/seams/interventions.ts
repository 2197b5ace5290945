import type { Execution } from 'eks-sandbox/step-functions';
import { LEASE_NAMESPACE, leaseName, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { IN_HAND_LABEL } from '../../domain/drain/in-hand.ts';
import { EXCLUDE_LABEL, UNSCHEDULABLE_TAINT } from '../../domain/nodegroup/node-ownership.ts';
import type { Intervention } from '../case.ts';
import { executionsOf, isOfNode } from '../ledger/executions.ts';
import type { SimulatedWorld } from '../world.ts';

const REASON = 'by an operator';

const nodeExecutions = (world: SimulatedWorld): readonly Execution[] => executionsOf(world).filter(isOfNode);
const isRunning = ({ status }: Execution) => status === 'RUNNING';

/** Set annotations of the Lease, as kubectl annotate does; `null` removes one. @returns whether there is a Lease */
function order({ stores, scenario }: SimulatedWorld, group: string, orders: Readonly<Record<string, string | null>>) {
  const clusterName = scenario.clusters.find(({ groups }) => groups.some(({ name }) => name === group))?.name ?? '';
  const changed = stores.get(clusterName)?.change('leases', LEASE_NAMESPACE, leaseName(group), (lease) => {
    const annotations = Object.entries({ ...lease.metadata.annotations, ...orders }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    );
    return { ...lease, metadata: { ...lease.metadata, annotations: Object.fromEntries(annotations) } };
  });
  return changed !== undefined;
}

type Act = (world: SimulatedWorld, group: string) => boolean;

const ACTS: Readonly<Record<Intervention['kind'], Act>> = {
  pause: (world, group) => order(world, group, { [RECORD_ANNOTATIONS.pause]: REASON }),
  resume: (world, group) => order(world, group, { [RECORD_ANNOTATIONS.pause]: null }),
  cancel: (world, group) => order(world, group, { [RECORD_ANNOTATIONS.cancel]: REASON }),
  cancelNow(world, group) {
    const { halt, cancel } = RECORD_ANNOTATIONS;
    const isOrdered = order(world, group, { [halt]: REASON, [cancel]: REASON });
    for (const execution of nodeExecutions(world).filter(isRunning))
      world.stepFunctions.stop(execution, { error: 'UpgradeCancelled', cause: REASON });
    return isOrdered;
  },
  stopExecution: (world) => world.stopRuns(),
  abortNodeExecution(world) {
    const execution = nodeExecutions(world).find(isRunning);
    if (execution !== undefined) world.stepFunctions.stop(execution, { cause: REASON });
    return execution !== undefined;
  },
  redriveNodeExecution(world) {
    const { stepFunctions } = world;
    const execution = nodeExecutions(world).find(
      (each) => !isRunning(each) && stepFunctions.whyNotRedrivable(each) === undefined,
    );
    if (execution !== undefined) stepFunctions.redrive(execution);
    return execution !== undefined;
  },
  startNodeExecutionTwice(world) {
    const execution = nodeExecutions(world).at(-1);
    if (execution !== undefined) world.stepFunctions.start(execution.machine, execution.input);
    return execution !== undefined;
  },
  registerNodeAgain({ stores }) {
    for (const store of stores.values()) {
      const node = store.list('nodes').find(({ metadata }) => metadata.labels?.[IN_HAND_LABEL] !== undefined);
      if (node === undefined) continue;
      const { uid: _, resourceVersion: __, annotations: ___, labels = {}, ...metadata } = node.metadata;
      const own = Object.entries(labels).filter(([key]) => key !== IN_HAND_LABEL && key !== EXCLUDE_LABEL);
      const taints = (node.spec?.taints ?? []).filter(({ key }) => key !== UNSCHEDULABLE_TAINT.key);
      const { unschedulable: ____, ...spec } = node.spec ?? {};
      store.remove('nodes', undefined, metadata.name);
      store.create('nodes', {
        ...node,
        metadata: { ...metadata, labels: Object.fromEntries(own) },
        spec: { ...spec, taints },
      } as never);
      return true;
    }
    return false;
  },
};

/** Do what an operator does. @returns whether there was anything to do it to */
export function intervene(world: SimulatedWorld, { kind, group }: Intervention): boolean {
  return ACTS[kind](world, group ?? world.scenario.clusters[0]?.groups[0]?.name ?? '');
}
