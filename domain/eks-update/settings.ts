import { InvalidInput } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import type { EksNodegroup } from '../types.ts';

/** What EKS itself does. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
export const EKS_DRAIN_TIMEOUT_SECONDS = 900;
export const EKS_CORDON_WAIT_SECONDS = 60;
export const EKS_NODE_READY_TIMEOUT_SECONDS = 900;

const OR_WORKFLOW = 'or ask for {"engine": "workflow"}';

/** A setting that differs from what EKS does and cannot change. */
const fixed = (key: string, given: number, own: number, does: string): string[] =>
  given === own ? [] : [`"${key}" is ${given}, but EKS ${does} ${own} s: leave it out, ${OR_WORKFLOW}`];

/** What the pods setting asks for that EKS does not do. */
const refusals = (pods: UpgradeInput['pods']): string[] =>
  Object.entries(pods)
    .filter(([, policy]) => policy === 'refuse')
    .map(([kind]) => `"pods.${kind}" is "refuse", but EKS evicts such pods too: leave it out, ${OR_WORKFLOW}`);

/**
 * Refuse settings that EKS does not know, rather than pass over them in silence.
 *
 * @throws {InvalidInput} with one sentence for each: what EKS does, and what to do instead
 */
export function checkEksSettings(input: UpgradeInput, nodegroup: EksNodegroup): void {
  const { clusterName, nodegroupName, updateConfig, canary, failurePolicy, amiType, target, pods } = input;
  const faults = [
    ...(target?.amiId === undefined && target?.ssmParameter === undefined
      ? []
      : [
          `"target" names an AMI, but EKS takes none: name a "launchTemplateVersion" whose template has that AMI (groups with a custom AMI), or a "releaseVersion", ${OR_WORKFLOW}`,
        ]),
    ...(amiType === undefined || amiType === nodegroup.amiType
      ? []
      : [`"amiType" is ${amiType}, but the node group is ${nodegroup.amiType}, which EKS never changes: leave it out`]),
    ...(Object.keys(updateConfig).length === 0
      ? []
      : [
          `"updateConfig" is the node group's own when EKS updates it: leave it out, and set it with aws eks update-nodegroup-config --cluster-name ${clusterName} --nodegroup-name ${nodegroupName} --update-config …, ${OR_WORKFLOW}`,
        ]),
    ...(canary === undefined
      ? []
      : [`"canary" is given, but EKS cannot stop after some nodes: leave it out, ${OR_WORKFLOW}`]),
    ...fixed('drainTimeoutSeconds', input.drainTimeoutSeconds, EKS_DRAIN_TIMEOUT_SECONDS, 'drains a node for'),
    ...fixed('cordonWaitSeconds', input.cordonWaitSeconds, EKS_CORDON_WAIT_SECONDS, 'waits after a cordon for'),
    ...fixed(
      'nodeReadyTimeoutSeconds',
      input.nodeReadyTimeoutSeconds,
      EKS_NODE_READY_TIMEOUT_SECONDS,
      'waits for new nodes for',
    ),
    ...(failurePolicy === 'finish'
      ? [`"failurePolicy" is "finish", but EKS halts at the first node it cannot drain: leave it out, ${OR_WORKFLOW}`]
      : []),
    ...refusals(pods),
  ];
  if (faults.length > 0) throw new InvalidInput(faults.join('; '));
}
