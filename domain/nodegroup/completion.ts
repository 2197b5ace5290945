import * as z from 'zod';
import { type EksRun, runSchema } from '../state.ts';
import { plural } from '../text.ts';
import type { AutoScalingGroup } from '../types.ts';
import { launchTemplateSchema } from './launch-template.ts';
import type { GroupNode } from './nodegroup.ts';
import { sizesOf } from './original-settings.ts';

const warned = z.looseObject({ warnings: z.array(z.string()) });

/** The state of an execution whose upgrade is done, as far as its last step reads it: of either engine. */
export const completionStateSchema = z.looseObject({
  plan: z.looseObject({
    run: runSchema,
    group: z.looseObject({ launchTemplateVersion: z.string() }).optional(),
  }),
  launchTemplate: launchTemplateSchema.optional().describe('engine workflow'),
  group: z.looseObject({ isRebalancingSuspended: z.boolean() }).optional().describe('engine workflow'),
  scaleDown: warned.optional().describe('engine workflow'),
  update: warned.optional().describe('engine eks'),
});
export type CompletionState = z.infer<typeof completionStateSchema>;

/**
 * Input of a run that goes back to what EKS recorded before.
 *
 * @returns `undefined` when that is not known, or was another Kubernetes version: EKS never goes back to one
 */
export function wayBack({ update }: Pick<EksRun, 'update'>): string | undefined {
  const { version, releaseVersion, launchTemplateVersion } = update.previous ?? {};
  if (update.launchTemplate !== undefined && launchTemplateVersion !== undefined) {
    return JSON.stringify({ target: { launchTemplateVersion } });
  }
  if (releaseVersion === undefined || version !== update.version) return undefined;
  return JSON.stringify({ target: { releaseVersion }, allowDowngrade: true });
}

/** What EKS runs now and ran before, and how to go back. */
function versionsOf(run: EksRun) {
  const { version, releaseVersion, launchTemplate, previous = {} } = run.update;
  const back = wayBack(run);
  return {
    ...(version !== undefined && { kubernetesVersion: version }),
    ...(releaseVersion !== undefined && { releaseVersion }),
    ...(launchTemplate !== undefined && { launchTemplateVersion: launchTemplate.version }),
    ...(previous.releaseVersion !== undefined && { previousReleaseVersion: previous.releaseVersion }),
    ...(previous.launchTemplateVersion !== undefined && {
      previousLaunchTemplateVersion: previous.launchTemplateVersion,
    }),
    ...(back !== undefined && { toGoBack: `start an execution with the same input and ${back}` }),
  };
}

/** Put together what a successful execution ends with. */
export function describeCompletion(
  state: CompletionState,
  seen: { group: AutoScalingGroup; members: readonly GroupNode[]; cleanedNodes: number },
) {
  const { run } = state.plan;
  const { group, members, cleanedNodes } = seen;
  const { launchTemplate, scaleDown, update } = state;
  const subject = run.engine === 'eks' ? `node group ${run.nodegroupName}` : group.name;
  const releaseVersion = run.engine === 'eks' ? run.update.releaseVersion : undefined;
  const release = releaseVersion === undefined ? '' : ` (release ${releaseVersion})`;
  const scope = run.engine === 'workflow' ? run.nodes : undefined;
  const all = members.length === 1 ? 'its only node' : `all ${members.length} nodes`;
  const whole =
    members.length === 0
      ? `${subject} has no nodes; new ones run ${run.target.amiId}${release}`
      : `${subject} runs ${run.target.amiId}${release} on ${all}`;
  return {
    summary:
      scope === undefined
        ? whole
        : `${plural(scope.length, 'named node')} of ${subject} replaced; new nodes run ${run.target.amiId}`,
    sizes: sizesOf(group),
    ...(run.engine === 'eks' && versionsOf(run)),
    ...(launchTemplate !== undefined && {
      launchTemplateVersion: launchTemplate.version,
      previousLaunchTemplateVersion: launchTemplate.previousVersion,
    }),
    cleanedNodes,
    warnings: [...(scaleDown?.warnings ?? []), ...(update?.warnings ?? [])],
  };
}
