import { boolean, required, string, structure } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { updateShape } from '../responses/update.ts';
import { runVersionUpdate } from '../simulation/version-update.ts';
import { getCluster } from '../state/nodegroups.ts';
import type { Update } from '../state/update.ts';
import { beginUpdate, requireActive } from './begin-update.ts';
import { createIdempotency } from './idempotency.ts';
import { chooseTarget, tokenMismatch } from './version-target.ts';

type Target = ReturnType<typeof chooseTarget>;

const templateParams = ({ source }: Target): Update['params'] =>
  source === undefined
    ? []
    : [
        { type: 'LaunchTemplateName', value: source.name },
        { type: 'LaunchTemplateVersion', value: source.version },
      ];

const releaseParams = ({ version, releaseVersion }: Target): Update['params'] => [
  { type: 'Version', value: version },
  { type: 'ReleaseVersion', value: releaseVersion },
];

/** UpdateNodegroupVersion. */
export function updateVersionActions(state: RegionState): Readonly<Record<string, Action>> {
  const requests = createIdempotency<Update>();
  return {
    UpdateNodegroupVersion: action(
      {
        clusterName: required(string),
        nodegroupName: required(string),
        version: string,
        releaseVersion: string,
        launchTemplate: structure({ id: string, name: string, version: string }),
        force: boolean,
        clientRequestToken: string,
      },
      ({ clusterName, nodegroupName, force = false, clientRequestToken, ...input }) => {
        const cluster = getCluster(state.scenario.clusters, clusterName);
        const nodegroup = state.nodegroups.get(clusterName, nodegroupName);
        const begin = () => {
          requireActive(cluster, nodegroup);
          const wanted = chooseTarget(state, cluster, nodegroup, input);
          const update = beginUpdate(state, nodegroup, 'VersionUpdate', [
            ...(input.launchTemplate === undefined ? [] : templateParams(wanted)),
            ...(nodegroup.amiType === 'CUSTOM' ? [] : releaseParams(wanted)),
          ]);
          runVersionUpdate(state, nodegroup, update, { wanted, mustForce: force });
          return update;
        };
        const request = { clusterName, nodegroupName, force, ...input };
        const update = requests.once(clientRequestToken, request, begin, () => tokenMismatch(nodegroup));
        return { update: updateShape(update) };
      },
    ),
  };
}
