import type {
  V1Lease,
  V1Node,
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1OwnerReference,
  V1Pod,
  V1PodDisruptionBudget,
} from '@kubernetes/client-node';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { boundedText } from '../../domain/text.ts';
import type { Budget, Lease, Node, NodeTerm, Pod, Taint, Toleration } from '../../domain/types.ts';

/** An object as it is on the wire: client-node's model with its dates still text. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

const DEFAULT_GRACE_SECONDS = 30;
const MIRROR = 'kubernetes.io/config.mirror';
const INSTANCE_ID = /^i-[0-9a-f]+$/;

/** `aws:///eu-west-1a/i-0123` names the instance last; a Fargate or foreign provider id names none. */
function instanceIdOf(providerId: string | undefined): string | undefined {
  const last = providerId?.split('/').at(-1);
  return last !== undefined && INSTANCE_ID.test(last) ? last : undefined;
}

const toTaint = ({ key, value, effect, timeAdded }: Wire<import('@kubernetes/client-node').V1Taint>): Taint =>
  omitUndefined({ key, value, effect, timeAdded });

export function toNode({ metadata = {}, spec = {}, status = {} }: Wire<V1Node>): Node {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return omitUndefined({
    name: metadata.name ?? '',
    providerId: spec.providerID || undefined,
    instanceId: instanceIdOf(spec.providerID),
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    isReady: ready?.status === 'True',
    readyChangedAt: ready?.lastTransitionTime,
    isUnschedulable: spec.unschedulable ?? false,
    taints: (spec.taints ?? []).map(toTaint),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    kubeletVersion: status.nodeInfo?.kubeletVersion ?? '',
    createdAt: metadata.creationTimestamp ?? '',
  });
}

const toRequirement = ({ key, operator, values }: Wire<V1NodeSelectorRequirement>) =>
  omitUndefined({ key, operator, values });

/** An empty term is met by no node, and no term at all is no affinity. */
const toNodeTerms = (terms: readonly Wire<V1NodeSelectorTerm>[] | undefined): NodeTerm[] | undefined =>
  terms
    ?.map(({ matchExpressions = [], matchFields = [] }) => [...matchExpressions, ...matchFields].map(toRequirement))
    .filter((requirements) => requirements.length > 0)
    .map((requirements) => ({ requirements }));

const toToleration = ({ key, operator, value, effect }: Toleration): Toleration =>
  omitUndefined({ key, operator, value, effect });

function toOwner({ kind, name, uid, apiVersion }: Wire<V1OwnerReference>): Pod['owner'] {
  const [group = ''] = (apiVersion ?? '').split('/');
  const isForeign = kind === 'DaemonSet' && group !== 'apps' && group !== 'extensions' && group !== '';
  return { kind, name, uid, ...(isForeign && { apiGroup: group }) };
}

export function toPod({ metadata = {}, spec, status = {} }: Wire<V1Pod>): Pod {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const volumes = spec?.volumes ?? [];
  return omitUndefined({
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    generateName: metadata.generateName,
    uid: metadata.uid ?? '',
    nodeName: spec?.nodeName,
    phase: status.phase ?? 'Unknown',
    isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    owner: owner && toOwner(owner),
    isMirror: metadata.annotations?.[MIRROR] !== undefined,
    labels: metadata.labels ?? {},
    tolerations: (spec?.tolerations ?? []).map((toleration) => toToleration(toleration as Toleration)),
    nodeSelector: spec?.nodeSelector,
    nodeTerms: toNodeTerms(
      spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    ),
    hasLocalStorage: volumes.some(({ emptyDir }) => emptyDir !== undefined),
    volumeClaims: volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
      if (persistentVolumeClaim !== undefined) return [persistentVolumeClaim.claimName];
      // A generic ephemeral volume's claim is named after the pod and the volume.
      return ephemeral === undefined ? [] : [`${metadata.name}-${name}`];
    }),
    gracePeriodSeconds: spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    createdAt: metadata.creationTimestamp ?? '',
    // The API server has added the grace period to it already.
    deletionDeadlineAt: metadata.deletionTimestamp,
    disruption: status.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True')?.reason,
  });
}

const asWritten = (value: unknown) => (value === undefined ? undefined : String(value));

export function toBudget({ metadata = {}, spec = {}, status }: Wire<V1PodDisruptionBudget>): Budget {
  const failed = status?.conditions?.find(
    ({ type, status: is, reason }) => type === 'DisruptionAllowed' && is === 'False' && reason === 'SyncFailed',
  );
  const isOld = (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
  return omitUndefined({
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    selector: spec.selector as Budget['selector'],
    minAvailable: asWritten(spec.minAvailable),
    maxUnavailable: asWritten(spec.maxUnavailable),
    unhealthyPodEvictionPolicy:
      spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ? ('AlwaysAllow' as const) : ('IfHealthyBudget' as const),
    disruptionsAllowed: status?.disruptionsAllowed ?? 0,
    currentHealthy: status?.currentHealthy ?? 0,
    desiredHealthy: status?.desiredHealthy ?? 0,
    expectedPods: status?.expectedPods ?? 0,
    syncFailure: failed && boundedText(failed.message),
    isStatusOld: isOld || undefined,
  }) as Budget;
}

export const toLease = ({ metadata = {}, spec = {} }: Wire<V1Lease>): Lease =>
  omitUndefined({
    name: metadata.name ?? '',
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion ?? '',
    holder: spec.holderIdentity || undefined,
    annotations: metadata.annotations ?? {},
  });
