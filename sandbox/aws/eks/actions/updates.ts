import { awsError } from '../../aws-error.ts';
import { boolean, list, required, string, structure } from '../../input-shapes.ts';
import { pageOf } from '../../pages.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { paramsOf, readConfigChange, runConfigUpdate } from '../simulation/config-update.ts';
import { runVersionUpdate } from '../simulation/version-update.ts';
import type { Nodegroup } from '../state/nodegroup.ts';
import { getCluster } from '../state/nodegroups.ts';
import type { Update } from '../state/update.ts';
import { createIdempotency } from './idempotency.ts';
import { labelsShape, scalingShape, taintsShape, updateConfigShape } from './nodegroup-input.ts';
import { invalidToken, paging } from './pages.ts';
import { chooseTarget, notActive, requireActiveCluster, tokenMismatch } from './version-target.ts';

const updateShape = ({ id, status, type, params, createdAt, errors }: Update) => ({
  id,
  status,
  type,
  params,
  createdAt: new Date(createdAt),
  errors,
});

const nodegroupMembers = { clusterName: required(string), nodegroupName: required(string) };

/** Everything about updates of managed node groups. */
export const updateActions = (state: RegionState): Readonly<Record<string, Action>> => {
  const { scenario, nodegroups, clock } = state;
  const versionRequests = createIdempotency<Update>();
  const configRequests = createIdempotency<Update>();

  const begin = (nodegroup: Nodegroup, type: Update['type'], params: Update['params']): Update => {
    const update: Update = {
      id: state.nextEksId(),
      type,
      params,
      createdAt: clock.now(),
      status: 'InProgress',
      errors: [],
    };
    nodegroup.updates.push(update);
    return update;
  };

  /** Updates of a group, or of the cluster itself, which has none here. */
  const updatesOf = (clusterName: string, nodegroupName: string | undefined): readonly Update[] => {
    getCluster(scenario.clusters, clusterName);
    return nodegroupName === undefined ? [] : nodegroups.get(clusterName, nodegroupName).updates;
  };

  return {
    UpdateNodegroupVersion: action(
      {
        ...nodegroupMembers,
        version: string,
        releaseVersion: string,
        launchTemplate: structure({ id: string, name: string, version: string }),
        force: boolean,
        clientRequestToken: string,
      },
      ({ clusterName, nodegroupName, force = false, clientRequestToken, ...input }) => {
        const cluster = getCluster(scenario.clusters, clusterName);
        const nodegroup = nodegroups.get(clusterName, nodegroupName);
        const update = versionRequests.once(
          clientRequestToken,
          { clusterName, nodegroupName, force, ...input },
          () => {
            if (nodegroup.status !== 'ACTIVE') throw notActive(nodegroup);
            requireActiveCluster(cluster);
            const wanted = chooseTarget(state, cluster, nodegroup, input);
            const { source } = wanted;
            const begun = begin(nodegroup, 'VersionUpdate', [
              ...(input.launchTemplate === undefined || source === undefined
                ? []
                : [
                    { type: 'LaunchTemplateName', value: source.name },
                    { type: 'LaunchTemplateVersion', value: source.version },
                  ]),
              ...(nodegroup.amiType === 'CUSTOM'
                ? []
                : [
                    { type: 'Version', value: wanted.version },
                    { type: 'ReleaseVersion', value: wanted.releaseVersion },
                  ]),
            ]);
            runVersionUpdate(state, nodegroup, begun, { wanted, mustForce: force });
            return begun;
          },
          () => tokenMismatch(nodegroup),
        );
        return { update: updateShape(update) };
      },
    ),

    UpdateNodegroupConfig: action(
      {
        ...nodegroupMembers,
        labels: structure({ addOrUpdateLabels: labelsShape, removeLabels: list(string) }),
        taints: structure({ addOrUpdateTaints: taintsShape, removeTaints: taintsShape }),
        scalingConfig: scalingShape,
        updateConfig: updateConfigShape,
        clientRequestToken: string,
      },
      ({ clusterName, nodegroupName, clientRequestToken, ...input }) => {
        const cluster = getCluster(scenario.clusters, clusterName);
        const nodegroup = nodegroups.get(clusterName, nodegroupName);
        const change = () => {
          if (nodegroup.status !== 'ACTIVE') throw notActive(nodegroup);
          requireActiveCluster(cluster);
          const wanted = readConfigChange(state, nodegroup, input);
          const begun = begin(nodegroup, 'ConfigUpdate', paramsOf(wanted));
          runConfigUpdate(state, nodegroup, begun, wanted);
          return begun;
        };
        const request = { clusterName, nodegroupName, ...input };
        const update = configRequests.once(clientRequestToken, request, change, () => tokenMismatch(nodegroup));
        return { update: updateShape(update) };
      },
    ),

    DescribeUpdate: action(
      {
        name: required(string),
        updateId: required(string),
        nodegroupName: string,
        addonName: string,
        capabilityName: string,
      },
      ({ name, updateId, nodegroupName }) => {
        const update = updatesOf(name, nodegroupName).find(({ id }) => id === updateId);
        if (update !== undefined) return { update: updateShape(update) };
        throw awsError('ResourceNotFoundException', `No update found for ID: ${updateId}`, {
          status: 404,
          members: { clusterName: name, ...(nodegroupName !== undefined && { nodegroupName }) },
        });
      },
    ),

    ListUpdates: action(
      { name: required(string), nodegroupName: string, addonName: string, capabilityName: string, ...paging },
      ({ name, nodegroupName, maxResults = 100, nextToken }) => {
        const ids = updatesOf(name, nodegroupName).map(({ id }) => id);
        const page = pageOf(ids, (id) => id, { token: nextToken, size: maxResults }, invalidToken);
        return { updateIds: page.items, nextToken: page.nextToken };
      },
    ),
  };
};
