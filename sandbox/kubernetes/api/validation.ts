import { isEqualJson } from '../equality.ts';
import type { KubernetesObject } from '../objects.ts';
import { compileSelector, type LabelSelector } from '../selector-match.ts';
import type { Taint } from '../taints.ts';
import { type FieldError, failures } from './failures.ts';
import type { ResourceDefinition } from './resources.ts';

type Check = (object: KubernetesObject, previous: KubernetesObject | undefined) => readonly FieldError[];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const invalid = (field: string, value: unknown, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});
const required = (field: string, why?: string): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${why === undefined ? '' : `: ${why}`}`,
});
const forbidden = (field: string, why: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${why}`,
});

const NAME_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABEL_KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const TOO_LONG_LABEL = 'must be no more than 63 characters';

function checkName({ metadata }: KubernetesObject): readonly FieldError[] {
  if (!metadata.name) return [required('metadata.name', 'name or generateName is required')];
  if (metadata.name.length > 253)
    return [invalid('metadata.name', metadata.name, 'must be no more than 253 characters')];
  return SUBDOMAIN.test(metadata.name) ? [] : [invalid('metadata.name', metadata.name, NAME_RULE)];
}

function checkKey(field: string, key: string): readonly FieldError[] {
  const [name = '', prefix] = key.split('/').reverse();
  if (!QUALIFIED_PART.test(name)) return [invalid(field, key, LABEL_KEY_RULE)];
  if (name.length > 63) return [invalid(field, key, `name part ${TOO_LONG_LABEL}`)];
  return prefix === undefined || SUBDOMAIN.test(prefix) ? [] : [invalid(field, key, `prefix part ${NAME_RULE}`)];
}

function checkLabelValue(field: string, value: unknown): readonly FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value !== '' && !QUALIFIED_PART.test(value)) return [invalid(field, value, LABEL_VALUE_RULE)];
  return value.length > 63 ? [invalid(field, value, TOO_LONG_LABEL)] : [];
}

const MOST_ANNOTATION_BYTES = 256 * 1024;

function checkAnnotationSize(annotations: Readonly<Record<string, string>>): readonly FieldError[] {
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  if (bytes <= MOST_ANNOTATION_BYTES) return [];
  const message = `Too long: may not be more than ${MOST_ANNOTATION_BYTES} bytes`;
  return [{ reason: 'FieldValueTooLong', field: 'metadata.annotations', message }];
}

const checkMetadata: Check = (object) => [
  ...checkName(object),
  ...Object.entries(object.metadata.labels ?? {}).flatMap(([key, value]) => [
    ...checkKey('metadata.labels', key),
    ...checkLabelValue('metadata.labels', value),
  ]),
  ...checkAnnotationSize(object.metadata.annotations ?? {}),
  ...Object.keys(object.metadata.annotations ?? {}).flatMap((key) =>
    checkKey('metadata.annotations', key.toLowerCase()),
  ),
];

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** kube-apiserver prints its internal type, whose fields have Go's names. */
const internalJson = ({
  key,
  value = '',
  effect,
  timeAdded = null,
}: Omit<Taint, 'timeAdded'> & { timeAdded?: string | null }) =>
  JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: timeAdded });

/** The API server reports node taints under `metadata`, not under `spec` where they are. */
const checkTaints: Check = ({ spec }) => {
  const seen = new Set<string>();
  return ((spec?.taints ?? []) as readonly Taint[]).flatMap((taint, index) => {
    const field = `metadata.taints[${index}]`;
    const errors: FieldError[] = [];
    if (!taint.key) errors.push(required(`${field}.key`));
    else errors.push(...checkKey(`${field}.key`, taint.key));
    if (taint.value) errors.push(...checkLabelValue(`${field}.value`, taint.value));
    if (!taint.effect) errors.push(required(`${field}.effect`));
    else if (!EFFECTS.includes(taint.effect))
      errors.push({
        reason: 'FieldValueNotSupported',
        field: `${field}.effect`,
        message: `Unsupported value: "${taint.effect}": supported values: "NoExecute", "NoSchedule", "PreferNoSchedule"`,
      });
    const identity = `${taint.key}\n${taint.effect}`;
    if (seen.has(identity))
      errors.push({ reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${internalJson(taint)}` });
    seen.add(identity);
    return errors;
  });
};

const checkContainers = (field: string, spec: KubernetesObject['spec']): readonly FieldError[] => {
  const containers = (spec?.containers ?? []) as readonly { name?: string; image?: string }[];
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap(({ name, image }, index) => [
    ...(name ? [] : [required(`${field}.containers[${index}].name`)]),
    ...(image ? [] : [required(`${field}.containers[${index}].image`)]),
  ]);
};

/** Fields of a running pod that may change. */
const MUTABLE_POD_FIELDS = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations', 'schedulingGates'];

const immutablePart = (spec: KubernetesObject['spec']) => {
  const rest = Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !MUTABLE_POD_FIELDS.includes(field)));
  const withoutImages = (list: unknown) =>
    Array.isArray(list) ? list.map(({ image: _image, ...container }) => container) : list;
  return {
    ...rest,
    containers: withoutImages(rest.containers),
    initContainers: withoutImages(rest.initContainers),
  };
};

const checkPod: Check = ({ spec }, previous) => [
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

const checkCount = (field: string, value: unknown): readonly FieldError[] =>
  value === undefined || value === null || (Number.isInteger(value) && (value as number) >= 0)
    ? []
    : [invalid(field, value, 'must be greater than or equal to 0')];

const checkImmutable = (field: string, value: unknown, previous: unknown): readonly FieldError[] =>
  isEqualJson(value, previous) ? [] : [invalid(field, value, 'field is immutable')];

const checkWorkload: Check = ({ spec }, previous) => {
  const selector = spec?.selector as LabelSelector | undefined;
  const isEmpty = selector !== undefined && Object.keys(selector).length === 0;
  const labels = spec?.template?.metadata?.labels;
  return [
    ...checkCount('spec.replicas', spec?.replicas),
    ...(selector === undefined ? [required('spec.selector')] : []),
    ...(isEmpty ? [invalid('spec.selector', selector, 'empty selector is invalid for deployment')] : []),
    ...(selector !== undefined && !compileSelector(selector)(labels)
      ? [invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`')]
      : []),
    ...(previous === undefined ? [] : checkImmutable('spec.selector', selector, previous.spec?.selector)),
    ...checkContainers('spec.template.spec', spec?.template?.spec),
  ];
};

const isIntOrPercentage = (value: unknown) =>
  value === undefined ||
  (Number.isInteger(value) && (value as number) >= 0) ||
  (typeof value === 'string' && /^\d+%$/.test(value));

const BUDGET_COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'];

const checkBudget: Check = ({ spec, status }) => [
  ...BUDGET_COUNTS.flatMap((field) => checkCount(`status.${field}`, status?.[field])),
  ...(spec?.minAvailable !== undefined && spec?.maxUnavailable !== undefined
    ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')]
    : []),
  ...['minAvailable', 'maxUnavailable']
    .filter((field) => !isIntOrPercentage(spec?.[field]))
    .map((field) =>
      invalid(`spec.${field}`, spec?.[field], "a valid percent string must be a numeric followed by an ending '%'"),
    ),
  ...(spec?.unhealthyPodEvictionPolicy === undefined ||
  ['IfHealthyBudget', 'AlwaysAllow'].includes(spec.unhealthyPodEvictionPolicy)
    ? []
    : [
        {
          reason: 'FieldValueNotSupported' as const,
          field: 'spec.unhealthyPodEvictionPolicy',
          message: `Unsupported value: "${spec.unhealthyPodEvictionPolicy}": supported values: "AlwaysAllow", "IfHealthyBudget"`,
        },
      ]),
];

const checkLease: Check = ({ spec }) => [
  ...(spec?.leaseDurationSeconds !== undefined && !(spec.leaseDurationSeconds > 0)
    ? [invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')]
    : []),
  ...(spec?.leaseTransitions !== undefined && !(spec.leaseTransitions >= 0)
    ? [invalid('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0')]
    : []),
];

const checkEvent: Check = ({ metadata, involvedObject }) => {
  const expected = involvedObject?.namespace || 'default';
  return metadata.namespace === expected || (!involvedObject?.namespace && metadata.namespace === 'kube-system')
    ? []
    : [invalid('involvedObject.namespace', involvedObject?.namespace ?? '', 'does not match event.namespace')];
};

const checkNode: Check = (node, previous) => [
  ...checkTaints(node, previous),
  ...(previous?.spec?.providerID && node.spec?.providerID !== previous.spec.providerID
    ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
    : []),
];

const CHECKS: Readonly<Record<string, Check>> = {
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
};

/**
 * Refuse an object the API server would refuse for the obvious reasons.
 *
 * @param previous absent when the object is new
 * @throws ApiFailure 422 with one cause a field
 */
export function validate(
  { group, kind, resource }: ResourceDefinition,
  object: KubernetesObject,
  previous: KubernetesObject | undefined,
): void {
  const errors = [...checkMetadata(object, previous), ...(CHECKS[resource]?.(object, previous) ?? [])];
  if (errors.length > 0) throw failures.invalid(group, kind, object.metadata.name ?? '', errors);
}
