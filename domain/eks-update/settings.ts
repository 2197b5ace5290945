import { InvalidInput } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import { MOST_OF_EKS } from '../plan/parallelism-and-surge.ts';
import type { EksNodegroup } from '../types.ts';

/** What EKS itself does. @see https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
export const EKS_DRAIN_TIMEOUT_SECONDS = 900;
export const EKS_CORDON_WAIT_SECONDS = 60;
const EKS_NODE_READY_TIMEOUT_SECONDS = 900;

const OR_WORKFLOW = 'or ask for {"engine": "workflow"}';

/** Refuse a time that differs from EKS's own, which cannot be changed. */
const fixed = (key: string, givenSeconds: number, ownSeconds: number, does: string): string[] =>
  givenSeconds === ownSeconds
    ? []
    : [`"${key}" is ${givenSeconds}, but EKS ${does} ${ownSeconds} s: leave it out, ${OR_WORKFLOW}`];

/** Refuse what the pods setting asks for and EKS does not do. */
const refusals = (pods: UpgradeInput['pods']): string[] =>
  Object.entries(pods)
    .filter(([, policy]) => policy === 'refuse')
    .map(([kind]) => `"pods.${kind}" is "refuse", but EKS evicts such pods too: leave it out, ${OR_WORKFLOW}`);

/** What to know before the same number is given to EKS. */
const mostOf = ({ maxUnavailable = 0 }: UpgradeInput['updateConfig']): string =>
  maxUnavailable > MOST_OF_EKS ? ` with ${MOST_OF_EKS} at most, as EKS replaces no more nodes at a time` : '';

/**
 * Refuse settings that have no effect on an update of EKS, instead of ignoring them.
 *
 * @throws {InvalidInput} with one sentence for each: what EKS does, and what to do instead
 */
export function checkEksSettings(input: UpgradeInput, nodegroup: EksNodegroup): void {
  const { clusterName, nodegroupName, updateConfig, canary, failurePolicy, amiType, target, pods, nodes } = input;
  const faults = [
    ...(target?.amiId === undefined && target?.ssmParameter === undefined
      ? []
      : [
          `"target" names an AMI, but EKS does not accept one: name a "launchTemplateVersion" whose template has that AMI (groups with a custom AMI), or a "releaseVersion", ${OR_WORKFLOW}`,
        ]),
    ...(amiType === undefined || amiType === nodegroup.amiType
      ? []
      : [`"amiType" is ${amiType}, but the node group is ${nodegroup.amiType}, which EKS never changes: leave it out`]),
    ...(Object.keys(updateConfig).length === 0
      ? []
      : [
          `"updateConfig" is given, but EKS uses the node group's own: leave it out, and change that with aws eks update-nodegroup-config --cluster-name ${clusterName} --nodegroup-name ${nodegroupName} --update-config …${mostOf(updateConfig)}, ${OR_WORKFLOW}`,
        ]),
    ...(nodes === undefined
      ? []
      : [`"nodes" is given, but EKS updates every node of a group: leave it out, ${OR_WORKFLOW}`]),
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
    ...(input.blockedNodes === 'leaveCordoned'
      ? [`"blockedNodes" is "leaveCordoned", but EKS itself leaves nodes as they are: leave it out, ${OR_WORKFLOW}`]
      : []),
    ...refusals(pods),
  ];
  if (faults.length > 0) throw new InvalidInput(faults.join('; '));
}
