import type { ResourceName } from '../kinds/kinds.ts';
import type { PodSpec } from '../kinds/pod.ts';
import type { NewObject } from '../objects.ts';
import { defaultDefinition } from './custom-resources.ts';
import { isJsonObject, type JsonObject, jsonObjectIn } from './patch/json-value.ts';

type Defaulter = (object: NewObject) => NewObject;

/** Fill in what an object leaves out; present values, also empty ones, stay. */
const withDefaults = <Fields extends JsonObject>(object: Fields | undefined, defaults: JsonObject) => ({
  ...defaults,
  ...object,
});

const defaultContainer = (container: JsonObject): JsonObject => {
  const image = String(container.image ?? '');
  const isLatest = !/[:@][^/]*$/.test(image) || image.endsWith(':latest');
  return withDefaults(
    Array.isArray(container.ports)
      ? { ...container, ports: container.ports.map((port: JsonObject) => withDefaults(port, { protocol: 'TCP' })) }
      : container,
    {
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent',
    },
  );
};

const defaultContainers = (spec: JsonObject, field: string): JsonObject =>
  Array.isArray(spec[field]) ? { [field]: spec[field].map(defaultContainer) } : {};

const defaultPodSpec = (spec: JsonObject): JsonObject => ({
  ...withDefaults(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  }),
  ...defaultContainers(spec, 'containers'),
  ...defaultContainers(spec, 'initContainers'),
});

const withTemplate = (spec: JsonObject): JsonObject =>
  isJsonObject(spec.template)
    ? { ...spec, template: { ...spec.template, spec: defaultPodSpec(jsonObjectIn(spec.template.spec)) } }
    : spec;

const inSpec =
  (edit: (spec: JsonObject) => JsonObject): Defaulter =>
  (object) => ({ ...object, spec: edit(jsonObjectIn(object.spec)) });

/** Every pod tolerates a lost node for five minutes (admission plugin DefaultTolerationSeconds). */
function withLostNodeTolerations(spec: PodSpec): PodSpec {
  const given = spec.tolerations ?? [];
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !given.some(
        (toleration) =>
          (toleration.key === key || !toleration.key) && (!toleration.effect || toleration.effect === 'NoExecute'),
      ),
  );
  if (missing.length === 0) return spec;
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
  return { ...spec, tolerations: [...given, ...added] };
}

/** What a client writes as text is stored as data. */
const defaultSecret: Defaulter = ({ stringData, ...secret }) => {
  const texts = Object.entries(jsonObjectIn(stringData));
  const data = Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]));
  return {
    type: 'Opaque',
    ...secret,
    ...(texts.length === 0 ? {} : { data: { ...jsonObjectIn(secret.data), ...data } }),
  };
};

/** @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
function qosClass({ containers = [] }: Partial<PodSpec>): string {
  const isUnset = containers.every(({ resources }) => !resources?.requests && !resources?.limits);
  if (isUnset) return 'BestEffort';
  const isGuaranteed = containers.every(({ resources }) => {
    const { requests, limits } = resources ?? {};
    return ['cpu', 'memory'].every(
      (name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name],
    );
  });
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

const defaultPod: Defaulter = (pod) => {
  // Validation comes after: until then the spec is what the client says it is.
  const given = withDefaults(defaultPodSpec(jsonObjectIn(pod.spec)), {
    serviceAccountName: 'default',
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  }) as PodSpec & JsonObject;
  const spec = withLostNodeTolerations(given);
  return { ...pod, spec, status: { phase: 'Pending', ...jsonObjectIn(pod.status), qosClass: qosClass(spec) } };
};

/** An update strategy with its type, and with the parameters of a rolling update. */
const defaultStrategy = (given: unknown, rollingUpdate: JsonObject): JsonObject => {
  const strategy = withDefaults(isJsonObject(given) ? given : {}, { type: 'RollingUpdate' });
  if (strategy.type !== 'RollingUpdate') return strategy;
  return { ...strategy, rollingUpdate: withDefaults(jsonObjectIn(strategy.rollingUpdate), rollingUpdate) };
};

/** What is empty or false in a Node's spec is not written. */
const withoutEmptyNodeFields = (spec: JsonObject): JsonObject => {
  const { taints, unschedulable, ...others } = spec;
  return {
    ...others,
    ...(Array.isArray(taints) && taints.length > 0 ? { taints } : {}),
    ...(unschedulable === true ? { unschedulable } : {}),
  };
};

const DEFAULTERS: Readonly<Partial<Record<ResourceName, Defaulter>>> = {
  nodes: inSpec(withoutEmptyNodeFields),
  pods: defaultPod,
  deployments: inSpec((spec) =>
    withTemplate({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
      strategy: defaultStrategy(spec.strategy, { maxUnavailable: '25%', maxSurge: '25%' }),
    }),
  ),
  replicasets: inSpec((spec) => withTemplate(withDefaults(spec, { replicas: 1 }))),
  replicationcontrollers: inSpec((spec) => withTemplate(withDefaults(spec, { replicas: 1 }))),
  statefulsets: inSpec((spec) =>
    withTemplate({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      ...spec,
      updateStrategy: defaultStrategy(spec.updateStrategy, { partition: 0 }),
    }),
  ),
  daemonsets: inSpec((spec) =>
    withTemplate({
      revisionHistoryLimit: 10,
      ...spec,
      updateStrategy: defaultStrategy(spec.updateStrategy, { maxUnavailable: 1, maxSurge: 0 }),
    }),
  ),
  jobs: inSpec((spec) =>
    withTemplate(
      withDefaults(spec, {
        parallelism: 1,
        ...(spec.parallelism === undefined ? { completions: 1 } : {}),
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        podReplacementPolicy: 'TerminatingOrFailed',
      }),
    ),
  ),
  poddisruptionbudgets: inSpec((spec) => spec),
  cronjobs: inSpec((spec) =>
    withDefaults(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    }),
  ),
  services: inSpec((spec) => ({
    ...withDefaults(spec, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' }),
    ...(Array.isArray(spec.ports)
      ? {
          ports: spec.ports.map((port: JsonObject) => withDefaults(port, { protocol: 'TCP', targetPort: port.port })),
        }
      : {}),
  })),
  namespaces: (namespace) => ({
    ...namespace,
    metadata: {
      ...namespace.metadata,
      labels: { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name },
    },
    spec: { finalizers: ['kubernetes'], ...jsonObjectIn(namespace.spec) },
    status: { phase: 'Active', ...jsonObjectIn(namespace.status) },
  }),
  customresourcedefinitions: defaultDefinition,
  secrets: defaultSecret,
  storageclasses: (storageClass) => ({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...storageClass }),
};

/** Status of a new object before its controller has seen it: fields that are always written, at zero. */
const FIRST_STATUS: Readonly<Partial<Record<ResourceName, JsonObject>>> = {
  deployments: {},
  jobs: {},
  cronjobs: {},
  replicasets: { replicas: 0 },
  replicationcontrollers: { replicas: 0 },
  statefulsets: { replicas: 0, availableReplicas: 0 },
  daemonsets: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  poddisruptionbudgets: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
};

/** Fill in an object's defaults, as the API server does before it validates and stores it. */
export function applyDefaults<Fields extends NewObject>(resource: ResourceName, object: Fields): Fields {
  const defaulted = DEFAULTERS[resource]?.(object) ?? object;
  const status = FIRST_STATUS[resource];
  const complete = status === undefined || defaulted.status !== undefined ? defaulted : { ...defaulted, status };
  // Defaults are laid over what is there, whatever the kind.
  return complete as Fields;
}
