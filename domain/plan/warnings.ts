import { doubtOf } from '../ami/check-image.ts';
import { warningsOfUpdate } from '../eks-update/target.ts';
import { AZ_REBALANCE, ORIGINAL_SETTINGS_TAGS } from '../nodegroup/original-settings.ts';
import { plural } from '../text.ts';
import type { Pod } from '../types.ts';
import type { PlanFacts } from './facts.ts';
import { fitNowhereElse, loneReplicas } from './pod-warnings.ts';
import { standbyInstances } from './preflight.ts';
import { noteOfProtection } from './template-notes.ts';

/** Figures that the warnings need besides the facts. */
interface WarningFigures {
  /** Pods on outdated nodes that a drain must move. */
  readonly pods: readonly Pod[];
  readonly isResumed: boolean;
  readonly surge: number;
  readonly coversZones: boolean;
}

type Warning = (facts: PlanFacts, figures: WarningFigures) => string | false;

const resumed: Warning = (_, { isResumed }) =>
  isResumed && 'an earlier run did not finish here: this one continues from what it left';

const degraded: Warning = ({ engine, input, target }) =>
  engine === 'workflow' &&
  input.nodegroupName !== undefined &&
  `EKS will report the node group DEGRADED (Ec2LaunchTemplateVersionMismatch) once its Auto Scaling group launches from a template version that EKS did not set, and refuse its own updates. To reconcile afterwards: let the group launch from version ${target.sourceVersion} of ${target.launchTemplateId} again, then update the node group to the same release, which replaces the nodes once more (docs/managed-nodegroups.md)`;

const followsDefault: Warning = ({ group }) =>
  group.launchSource?.version === '$Default' &&
  'the group follows $Default of its template: it is pinned to the new version, and $Default is not changed: other groups may use it';

const followsLatest: Warning = ({ group }) =>
  group.launchSource?.version === '$Latest' &&
  'the group follows $Latest of its template: it is pinned to a number during the run, and follows $Latest again afterwards';

const namesAlias: Warning = ({ engine, imageAlias }) =>
  engine === 'workflow' &&
  imageAlias !== undefined &&
  `the template names its AMI by ${imageAlias}: the new version names a fixed AMI, so it no longer follows the parameter`;

const deprecated: Warning = ({ image, startedAt }) =>
  image.deprecatedAt !== undefined &&
  Date.parse(image.deprecatedAt) < Date.parse(startedAt) &&
  `${image.imageId} has been deprecated since ${image.deprecatedAt}`;

const doubtfulName: Warning = ({ image, kubernetesVersion }) => doubtOf(image, kubernetesVersion) ?? false;

const inStandby: Warning = ({ group }) => {
  const standby = standbyInstances(group);
  return standby.length > 0 && `${standby.join(', ')} in Standby: not replaced; they stay outdated`;
};

const protectedFromScaleIn: Warning = ({ engine, members }) =>
  (engine === 'workflow' && noteOfProtection(members)) || false;

const notReady: Warning = ({ members }) => {
  const count = members.filter(({ isReady }) => !isReady).length;
  return count > 0 && `${count} of ${members.length} nodes are not Ready now`;
};

const suspendedByOthers: Warning = ({ engine, group }) => {
  const isSuspended = group.suspendedProcesses.some(({ name }) => name === AZ_REBALANCE);
  if (!isSuspended || group.tags[ORIGINAL_SETTINGS_TAGS.suspendedProcess] !== undefined) return false;
  return engine === 'eks'
    ? 'AZRebalance is suspended, which EKS relies on to get a new node into every zone'
    : 'AZRebalance is suspended already, and stays so';
};

const missesZones: Warning = (_, { surge, coversZones }) =>
  surge > 0 &&
  !coversZones &&
  `a surge of ${surge} may not reach every zone with outdated nodes: pods with volumes in the others wait for a replacement there`;

const barePods: Warning = ({ input }, { pods }) => {
  const count = pods.filter(({ owner }) => owner === undefined).length;
  return (
    count > 0 &&
    input.pods.unmanaged === 'evict' &&
    `${plural(count, 'pod')} without a controller will be evicted, and nothing creates them again`
  );
};

const lone: Warning = (facts, { pods }) => loneReplicas(facts, pods);

const homeless: Warning = (facts, { pods }) => fitNowhereElse(facts, pods);

/** In the order in which a plan shows them. */
const WARNINGS: readonly Warning[] = [
  resumed,
  degraded,
  followsDefault,
  followsLatest,
  namesAlias,
  deprecated,
  doubtfulName,
  inStandby,
  protectedFromScaleIn,
  notReady,
  suspendedByOthers,
  missesZones,
  barePods,
  lone,
  homeless,
];

/** Say what a person should know before the run starts. */
export function warningsOf(facts: PlanFacts, figures: WarningFigures): string[] {
  const { input, notes, amiType } = facts;
  return [
    ...notes,
    ...(facts.engine === 'eks'
      ? warningsOfUpdate(facts.update, { amiType, alarms: input.alarms, force: input.force })
      : []),
    ...WARNINGS.flatMap((warning) => warning(facts, figures) || []),
  ];
}
