import type { GroupRecord } from '../admission/record.ts';
import { amiTypeOfName } from '../ami/ami.ts';
import { checkImage } from '../ami/check-image.ts';
import { checkDowngrade, releaseInUse, releaseOfName } from '../ami/releases.ts';
import { goneDaemonSets, withoutGoneOwners } from '../drain/gone-owners.ts';
import { NODEGROUP_LABEL } from '../eks-update/target.ts';
import { AlarmTriggered, InvalidInput, UnsupportedNodegroup } from '../errors.ts';
import type { UpgradeInput } from '../input/input.ts';
import { type GroupNode, joinGroup } from '../nodegroup/nodegroup.ts';
import type { Run } from '../state.ts';
import { plural } from '../text.ts';
import type {
  AutoScalingGroup,
  Budget,
  EksCluster,
  EksNodegroup,
  Instance,
  LaunchSource,
  LaunchTemplateVersion,
  MachineImage,
  Node,
  Pod,
} from '../types.ts';
import { adoptionNotes } from './adoption.ts';
import type { PlanFacts } from './facts.ts';
import { canaryRefusal } from './preflight.ts';
import { missingRight, type Right } from './rights.ts';
import { resolveScope, type Scope, scopeRefusal, someOf } from './scope.ts';
import type { ResolvedTarget, ResolvedUpdate } from './target.ts';
import { noteOfFollowers, noteOfSnapshot } from './template-notes.ts';

/** Whether the run makes a new version of the template: the group launches another AMI, and the input names no version. */
export const makesVersion = ({ resolved, inUse }: Pick<AwsFacts, 'resolved' | 'inUse'>): boolean =>
  resolved.engine === 'workflow' &&
  resolved.target.launchTemplateVersion === undefined &&
  inUse.imageId !== resolved.target.image.imageId;

/** What is to be planned, and for which execution. */
export interface SurveyRequest {
  readonly input: UpgradeInput;
  readonly executionArn: string;
  readonly startedAt: string;
}

/** What AWS says about a group. */
export interface AwsFacts {
  readonly cluster: EksCluster;
  readonly nodegroup: EksNodegroup | undefined;
  readonly group: AutoScalingGroup;
  readonly launchSource: LaunchSource;
  /** State of each alarm of the input that exists, by name. */
  readonly alarmStates: Readonly<Record<string, string>>;
  /** The template version in use. */
  readonly inUse: LaunchTemplateVersion;
  readonly instances: readonly Instance[];
  readonly currentImage: MachineImage | undefined;
  /** Names of other groups that launch the version which the run makes. */
  readonly followers?: readonly string[];
  /** Lifecycle hooks of the owner that keep an instance while it terminates, at most so many seconds. */
  readonly terminationHooks?: readonly { readonly name: string; readonly seconds: number }[];
  /** Instance ids of the input that the group has had and has no more. */
  readonly departed?: readonly string[];
  readonly resolved:
    | { readonly engine: 'workflow'; readonly target: ResolvedTarget }
    | { readonly engine: 'eks'; readonly target: ResolvedUpdate };
}

/** What the Kubernetes API says about a cluster. */
export interface KubernetesFacts {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly budgets: readonly Budget[];
  /** Uids. */
  readonly daemonSets: readonly string[];
  /** The first of the rights a run needs that is missing. */
  readonly missing: Right | undefined;
  /** ARN of the running execution that holds the lock of the group. */
  readonly upgradedBy: string | undefined;
  /** What a run before this one has left in hand. */
  readonly record?: GroupRecord | undefined;
}

/** The engine that upgrades the group: EKS for a managed one, unless the input says otherwise. @throws {InvalidInput} */
export function engineOf({ engine, nodegroupName }: UpgradeInput): Run['engine'] {
  if (engine === 'eks' && nodegroupName === undefined) {
    throw new InvalidInput(
      '"engine" is "eks", but only a managed node group can be upgraded by EKS: leave "engine" out',
    );
  }
  return engine ?? (nodegroupName === undefined ? 'workflow' : 'eks');
}

/**
 * Refuse alarms that do not exist, and outside a dry run those that are in ALARM.
 *
 * @throws {InvalidInput} {AlarmTriggered}
 */
export function checkAlarms({ alarms, dryRun }: UpgradeInput, states: AwsFacts['alarmStates']): void {
  const missing = alarms.filter((name) => states[name] === undefined);
  if (missing.length > 0) {
    throw new InvalidInput(`"alarms" names ${missing.join(', ')}, which CloudWatch does not have`);
  }
  const inAlarm = alarms.filter((name) => states[name] === 'ALARM');
  if (inAlarm.length > 0 && !dryRun) throw new AlarmTriggered(`in ALARM before the start: ${inAlarm.join(', ')}`);
}

/**
 * Refuse a target that is older than what the group runs, or that its instances could not run.
 *
 * @throws {InvalidInput} {AmiNotFound}
 */
export function checkTarget(input: UpgradeInput, aws: AwsFacts): void {
  const { resolved, currentImage, nodegroup, instances, cluster } = aws;
  const { target } = resolved;
  // An AMI that is named by its id has its release in its name, if it is one of AWS's.
  const amiType = target.amiType ?? amiTypeOfName(target.image.name);
  checkDowngrade({
    input,
    releaseVersion: target.releaseVersion ?? releaseOfName(target.image.name),
    inUse: resolved.engine === 'workflow' ? releaseInUse(currentImage?.name, amiType) : nodegroup?.releaseVersion,
    amiType,
  });
  checkImage({
    image: target.image,
    // A template version brings its own user data along, so it may change the family.
    currentImage: input.target?.launchTemplateVersion === undefined ? currentImage : undefined,
    architectures: [...new Set(instances.map(({ architecture }) => architecture))],
    kubernetesVersion: cluster.version,
  });
}

/** The part of the facts that differs by engine: the target, and what makes a node new. */
function engineFacts({ resolved, launchSource, inUse, nodegroup }: AwsFacts) {
  const { image, releaseVersion } = resolved.target;
  const target = {
    amiId: image.imageId,
    ...(releaseVersion !== undefined && { releaseVersion }),
    launchTemplateId: launchSource.launchTemplateId,
    sourceVersion: String(inUse.version),
  };
  if (resolved.engine === 'eks') {
    const { nodegroupName, renewedLabels, update, isRecorded } = resolved.target;
    return { engine: 'eks' as const, nodegroupName, target: { ...target, renewedLabels }, update, isRecorded };
  }
  const named = resolved.target.launchTemplateVersion;
  const version = named ?? (inUse.imageId === image.imageId ? String(inUse.version) : undefined);
  return {
    engine: 'workflow' as const,
    target: {
      ...target,
      ...(version !== undefined && { launchTemplateVersion: version }),
      comparesVersion: named !== undefined,
    },
    launchesTarget: version === String(inUse.version),
    ...(nodegroup !== undefined && { requiredLabels: { ...nodegroup.labels, [NODEGROUP_LABEL]: nodegroup.name } }),
  };
}

/** What the checks of a group decide by. */
interface GroupFacts {
  readonly input: UpgradeInput;
  readonly groupName: string;
  readonly members: readonly GroupNode[];
  readonly missing: Right | undefined;
  readonly scope: Scope | undefined;
}

/** Every reason to refuse a group that has been observed, in the order in which they are tried; the first one is given. */
const GROUP_CHECKS: readonly {
  readonly name: 'rights' | 'canary' | 'scope' | 'membership';
  readonly refusalOf: (facts: GroupFacts) => Error | undefined;
}[] = [
  { name: 'rights', refusalOf: ({ missing, input }) => missing && missingRight(missing, input) },
  { name: 'canary', refusalOf: ({ input, members }) => canaryRefusal(input, members.length) },
  { name: 'scope', refusalOf: ({ scope, groupName }) => scope && scopeRefusal(scope, groupName) },
  {
    name: 'membership',
    refusalOf: ({ members, groupName, input }) =>
      members.length > 0 && members.every(({ node }) => node === undefined)
        ? new UnsupportedNodegroup(
            `none of the ${members.length} instances of ${groupName} is a node of cluster ${input.clusterName}: check both names`,
          )
        : undefined,
  },
];

/** The first reason to refuse a group; undefined when there is none. */
function refusalOf(facts: GroupFacts): Error | undefined {
  for (const check of GROUP_CHECKS) {
    const refusal = check.refusalOf(facts);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const notesOf = (
  input: UpgradeInput,
  { alarmStates, resolved, inUse, followers = [], terminationHooks = [] }: AwsFacts,
  { upgradedBy, record }: KubernetesFacts,
  scope: Scope | undefined,
): string[] => [
  ...(scope === undefined || scope.gone.length === 0
    ? []
    : [`"nodes" names ${someOf(scope.gone)}, which the group does not have now: counted as done`]),
  ...input.alarms
    .filter((name) => alarmStates[name] === 'ALARM')
    .map((name) => `alarm ${name} is in ALARM: the run would not start`),
  ...noteOfFollowers(followers, resolved.target.image.imageId),
  ...noteOfSnapshot({ snapshots: resolved.target.snapshots ?? inUse.snapshots ?? {} }, resolved.target.image),
  ...terminationHooks.map(
    ({ name, seconds }) =>
      `the termination hook ${name} may keep each drained instance for up to ${plural(Math.ceil(seconds / 60), 'minute')}`,
  ),
  ...(upgradedBy === undefined ? [] : [`${upgradedBy} is upgrading this group now`]),
  ...(upgradedBy === undefined && resolved.engine === 'workflow' ? adoptionNotes(record, input) : []),
];

/**
 * Put together what a plan is made from, refusing what cannot be upgraded.
 *
 * @throws {AccessDenied} {InvalidInput} {UnsupportedNodegroup}
 */
export function decideSurvey(request: SurveyRequest, aws: AwsFacts, kubernetes: KubernetesFacts): PlanFacts {
  const { input } = request;
  const { group, instances, resolved } = aws;
  const ofEngine = engineFacts(aws);
  const requiredLabels = ofEngine.engine === 'workflow' ? ofEngine.requiredLabels : undefined;
  const members = joinGroup({ group, instances, nodes: kubernetes.nodes, target: ofEngine.target, requiredLabels });
  const scope = input.nodes && resolveScope(input.nodes, members, aws.departed ?? []);
  const refusal = refusalOf({ input, groupName: group.name, members, missing: kubernetes.missing, scope });
  if (refusal !== undefined) throw refusal;
  const goneOwners = goneDaemonSets(kubernetes.pods, kubernetes.daemonSets);
  return {
    ...request,
    kubernetesVersion: aws.cluster.version,
    group,
    members,
    instanceTypes: [...new Set(instances.map(({ instanceType }) => instanceType))].sort(),
    nodegroupUpdateConfig: aws.nodegroup?.updateConfig as UpgradeInput['updateConfig'] | undefined,
    ...(ofEngine.engine === 'workflow' ? { ...ofEngine, scope } : ofEngine),
    image: resolved.target.image,
    amiType: resolved.target.amiType,
    targetSource: resolved.target.source,
    imageAlias: aws.inUse.imageAlias,
    nodes: kubernetes.nodes,
    pods: withoutGoneOwners(kubernetes.pods, goneOwners),
    goneOwners,
    budgets: kubernetes.budgets,
    notes: notesOf(input, aws, kubernetes, scope),
  };
}
