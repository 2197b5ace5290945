import { isEqualJson } from '../equality.ts';
import type { PodDisruptionBudget } from '../kinds/disruption-budget.ts';
import type { Event } from '../kinds/event.ts';
import type { Kinds, ResourceName } from '../kinds/kinds.ts';
import type { Lease } from '../kinds/lease.ts';
import type { Node } from '../kinds/node.ts';
import type { Pod, PodSpec } from '../kinds/pod.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../kinds/workloads.ts';
import type { KubernetesObject, NewObject } from '../objects.ts';
import { compileSelector, type LabelSelector } from '../selector-match.ts';
import type { Taint } from '../taints.ts';
import { checkDefinition } from './custom-resources.ts';
import { type FieldError, failures } from './failures.ts';
import { forbidden, invalid, notSupported, required } from './field-errors.ts';
import type { ResourceDefinition } from './resources.ts';
import { checkKey, checkLabelValue, checkMetadata } from './validate-metadata.ts';

/** Checks what a client sent. Values may be missing or wrong although the type of the kind has them, so each is checked. */
type Check<Kind extends KubernetesObject> = (
  object: NewObject<Kind>,
  previous: Kind | undefined,
) => readonly FieldError[];

const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

/** kube-apiserver prints its internal type, whose fields have Go's names. */
const internalJson = ({
  key,
  value = '',
  effect,
  timeAdded = null,
}: Omit<Taint, 'timeAdded'> & { timeAdded?: string | null }) =>
  JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: timeAdded });

/** The API server reports node taints under `metadata`, not under `spec` where they are. */
const checkTaints = ({ spec }: Pick<Node, 'spec'>): readonly FieldError[] => {
  const seen = new Set<string>();
  return (spec?.taints ?? []).flatMap((taint, index) => {
    const field = `metadata.taints[${index}]`;
    const errors: FieldError[] = [];
    if (!taint.key) errors.push(required(`${field}.key`));
    else errors.push(...checkKey(`${field}.key`, taint.key));
    if (taint.value) errors.push(...checkLabelValue(`${field}.value`, taint.value));
    if (!taint.effect) errors.push(required(`${field}.effect`));
    else if (!EFFECTS.includes(taint.effect)) errors.push(notSupported(`${field}.effect`, taint.effect, EFFECTS));
    const identity = `${taint.key}\n${taint.effect}`;
    if (seen.has(identity))
      errors.push({ reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${internalJson(taint)}` });
    seen.add(identity);
    return errors;
  });
};

const checkContainers = (field: string, spec: Partial<PodSpec> | undefined): readonly FieldError[] => {
  const containers = spec?.containers ?? [];
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap(({ name, image }, index) => [
    ...(name ? [] : [required(`${field}.containers[${index}].name`)]),
    ...(image ? [] : [required(`${field}.containers[${index}].image`)]),
  ]);
};

/** Fields of a running pod that may change. */
const MUTABLE_POD_FIELDS = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations', 'schedulingGates'];

const immutablePart = (spec: PodSpec | undefined) => {
  const rest = Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !MUTABLE_POD_FIELDS.includes(field)));
  const withoutImages = (list: unknown) =>
    Array.isArray(list) ? list.map(({ image: _image, ...container }) => container) : list;
  return {
    ...rest,
    containers: withoutImages(rest.containers),
    initContainers: withoutImages(rest.initContainers),
  };
};

const checkPod: Check<Pod> = ({ spec }, previous) => [
  ...checkContainers('spec', spec),
  ...(previous === undefined || isEqualJson(immutablePart(spec), immutablePart(previous.spec))
    ? []
    : [
        forbidden(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      ]),
];

const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;

const checkCount = (field: string, value: unknown): readonly FieldError[] =>
  value === undefined || value === null || isCount(value)
    ? []
    : [invalid(field, value, 'must be greater than or equal to 0')];

const checkImmutable = (field: string, value: unknown, previous: unknown): readonly FieldError[] =>
  isEqualJson(value, previous) ? [] : [invalid(field, value, 'field is immutable')];

type Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet;

const checkWorkload: Check<Workload> = ({ spec }, previous) => {
  const selector: LabelSelector | undefined = spec?.selector;
  const isEmpty = selector !== undefined && Object.keys(selector).length === 0;
  const labels = spec?.template?.metadata?.labels;
  return [
    ...checkCount('spec.replicas', spec?.replicas),
    ...(selector === undefined ? [required('spec.selector')] : []),
    ...(isEmpty ? [invalid('spec.selector', selector, 'empty selector is invalid for deployment')] : []),
    ...(selector !== undefined && !compileSelector(selector)(labels)
      ? [invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`')]
      : []),
    ...(previous === undefined ? [] : checkImmutable('spec.selector', selector, previous.spec.selector)),
    ...checkContainers('spec.template.spec', spec?.template?.spec),
  ];
};

const isIntOrPercentage = (value: unknown) =>
  value === undefined || isCount(value) || (typeof value === 'string' && /^\d+%$/.test(value));

const BUDGET_COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const BUDGET_LIMITS = ['minAvailable', 'maxUnavailable'] as const;
const POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

const checkBudget: Check<PodDisruptionBudget> = ({ spec, status }) => [
  ...BUDGET_COUNTS.flatMap((field) => checkCount(`status.${field}`, status?.[field])),
  ...(spec?.minAvailable !== undefined && spec?.maxUnavailable !== undefined
    ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
    : []),
  ...BUDGET_LIMITS.filter((field) => !isIntOrPercentage(spec?.[field])).map((field) =>
    invalid(`spec.${field}`, spec?.[field], "a valid percent string must be a numeric followed by an ending '%'"),
  ),
  ...(spec?.unhealthyPodEvictionPolicy === undefined || POLICIES.includes(spec.unhealthyPodEvictionPolicy)
    ? []
    : [notSupported('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, POLICIES)]),
];

const checkLease: Check<Lease> = ({ spec }) => [
  ...(spec?.leaseDurationSeconds !== undefined && !(spec.leaseDurationSeconds > 0)
    ? [invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')]
    : []),
  ...(spec?.leaseTransitions !== undefined && !(spec.leaseTransitions >= 0)
    ? [invalid('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0')]
    : []),
];

const checkEvent: Check<Event> = ({ metadata, involvedObject }) => {
  const expected = involvedObject?.namespace || 'default';
  return metadata.namespace === expected || (!involvedObject?.namespace && metadata.namespace === 'kube-system')
    ? []
    : [invalid('involvedObject.namespace', involvedObject?.namespace ?? '', 'does not match event.namespace')];
};

const checkNode: Check<Node> = (node, previous) => [
  ...checkTaints(node),
  ...(previous?.spec?.providerID && node.spec?.providerID !== previous.spec.providerID
    ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
    : []),
];

const CHECKS: { readonly [Resource in ResourceName]?: Check<Kinds[Resource]> } = {
  nodes: checkNode,
  pods: checkPod,
  deployments: checkWorkload,
  replicasets: checkWorkload,
  statefulsets: checkWorkload,
  daemonsets: checkWorkload,
  jobs: ({ spec }) => [
    ...checkCount('spec.parallelism', spec?.parallelism),
    ...checkCount('spec.completions', spec?.completions),
    ...checkContainers('spec.template.spec', spec?.template?.spec),
  ],
  poddisruptionbudgets: checkBudget,
  leases: checkLease,
  events: checkEvent,
  customresourcedefinitions: checkDefinition,
};

const checkOf = <Resource extends ResourceName>(resource: Resource): Check<Kinds[Resource]> | undefined =>
  CHECKS[resource];

/**
 * Refuse an object the API server would refuse for the obvious reasons.
 *
 * @param previous absent when the object is new
 * @throws ApiFailure 422 with one cause a field
 */
export function validate(
  { group, kind, stored }: ResourceDefinition,
  object: NewObject,
  previous: KubernetesObject | undefined,
): void {
  const errors = [...checkMetadata(object, group), ...(checkOf(stored)?.(object, previous) ?? [])];
  if (errors.length > 0) throw failures.invalid(group, kind, object.metadata.name ?? '', errors);
}
