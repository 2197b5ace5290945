import { list, required, string, structure } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { updateShape } from '../responses/update.ts';
import { paramsOf, readConfigChange, runConfigUpdate } from '../simulation/config-update.ts';
import { getCluster } from '../state/nodegroups.ts';
import type { Update } from '../state/update.ts';
import { beginUpdate, requireActive } from './begin-update.ts';
import { createIdempotency } from './idempotency.ts';
import { labelsShape, scalingShape, taintsShape, updateConfigShape } from './nodegroup-input.ts';
import { tokenMismatch } from './version-target.ts';

/** UpdateNodegroupConfig. */
export function updateConfigActions(state: RegionState): Readonly<Record<string, Action>> {
  const requests = createIdempotency<Update>();
  return {
    UpdateNodegroupConfig: action(
      {
        clusterName: required(string),
        nodegroupName: required(string),
        labels: structure({ addOrUpdateLabels: labelsShape, removeLabels: list(string) }),
        taints: structure({ addOrUpdateTaints: taintsShape, removeTaints: taintsShape }),
        scalingConfig: scalingShape,
        updateConfig: updateConfigShape,
        clientRequestToken: string,
      },
      ({ clusterName, nodegroupName, clientRequestToken, ...input }) => {
        const cluster = getCluster(state.scenario.clusters, clusterName);
        const nodegroup = state.nodegroups.get(clusterName, nodegroupName);
        const begin = () => {
          requireActive(cluster, nodegroup);
          const wanted = readConfigChange(state, nodegroup, input);
          const update = beginUpdate(state, nodegroup, 'ConfigUpdate', paramsOf(wanted));
          runConfigUpdate(state, nodegroup, update, wanted);
          return update;
        };
        const request = { clusterName, nodegroupName, ...input };
        const update = requests.once(clientRequestToken, request, begin, () => tokenMismatch(nodegroup));
        return { update: updateShape(update) };
      },
    ),
  };
}
