import pMap from 'p-map';
import { demandOf } from '../../domain/admission/contention.ts';
import { withoutGoneOwners } from '../../domain/drain/gone-owners.ts';
import type { Conductor } from './conductor.ts';

const MOST_AT_ONCE = 10;

/** List the pods of nodes, for what their drains ask of the budgets. */
export async function inspectNodes(conductor: Conductor, instanceIds: readonly string[]): Promise<Conductor> {
  const { cluster, seen, budgets } = conductor;
  const { goneOwners } = conductor.request.run;
  const found = await pMap(
    instanceIds,
    async (instanceId) => {
      const node = seen.nodes.get(instanceId);
      const pods = node === undefined ? [] : (await cluster.listPodsOnNode(node.name)).pods;
      return [instanceId, demandOf(withoutGoneOwners(pods, goneOwners), budgets)] as const;
    },
    { concurrency: MOST_AT_ONCE },
  );
  return { ...conductor, demands: new Map([...conductor.demands, ...found]) };
}
