import type { KubernetesObject } from '../objects.ts';
import { ageOf, humanDuration } from './human-duration.ts';
import { formatSelector } from './label-selector.ts';
import { summarisePod } from './pod-status.ts';

/** One column of `kubectl get`; columns of priority 1 appear with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
  readonly format?: 'name';
  readonly priority: 0 | 1;
  readonly cell: (object: KubernetesObject, nowMilliseconds: number) => string | number | boolean;
}

type Cell = Column['cell'];

const NONE = '<none>';
const text = (name: string, cell: Cell): Column => ({ name, type: 'string', priority: 0, cell });
const count = (name: string, cell: Cell): Column => ({ name, type: 'integer', priority: 0, cell });
const wide = (column: Column): Column => ({ ...column, priority: 1 });

const NAME: Column = { ...text('Name', ({ metadata }) => metadata.name), format: 'name' };
const AGE = text('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));

const templateOf = (object: KubernetesObject) =>
  object.spec?.template?.spec ?? object.spec?.jobTemplate?.spec?.template?.spec;
const containersOf = (object: KubernetesObject): readonly { name: string; image?: string }[] =>
  templateOf(object)?.containers ?? [];
const WIDE_CONTAINERS = [
  wide(
    text(
      'Containers',
      (object) =>
        containersOf(object)
          .map(({ name }) => name)
          .join(',') || NONE,
    ),
  ),
  wide(
    text(
      'Images',
      (object) =>
        containersOf(object)
          .map(({ image }) => image ?? '')
          .join(',') || NONE,
    ),
  ),
];
const WIDE_SELECTOR = wide(text('Selector', (object) => formatSelector(object.spec?.selector) || NONE));
const replicas = (object: KubernetesObject): number => object.spec?.replicas ?? 0;
const statusCount =
  (field: string): Cell =>
  (object) =>
    object.status?.[field] ?? 0;

interface NodeCondition {
  readonly type: string;
  readonly status: string;
}

function nodeStatus(node: KubernetesObject): string {
  const ready = (node.status?.conditions ?? []).find((condition: NodeCondition) => condition.type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: KubernetesObject): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith('node-role.kubernetes.io/')) return [key.slice('node-role.kubernetes.io/'.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return (
    roles
      .filter((role) => role !== '')
      .sort()
      .join(',') || NONE
  );
}

const nodeAddress =
  (type: string): Cell =>
  (node) =>
    (node.status?.addresses ?? []).find((address: { type: string }) => address.type === type)?.address ?? NONE;
const nodeInfo =
  (field: string): Cell =>
  (node) =>
    node.status?.nodeInfo?.[field] || '<unknown>';

function podRestarts(pod: KubernetesObject, now: number): string {
  const { restarts, lastRestartAt } = summarisePod(pod);
  return restarts > 0 && lastRestartAt !== undefined ? `${restarts} (${ageOf(lastRestartAt, now)} ago)` : `${restarts}`;
}

function podReadinessGates(pod: KubernetesObject): string {
  const gates: readonly { conditionType: string }[] = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) =>
    (pod.status?.conditions ?? []).some(
      (condition: NodeCondition) => condition.type === conditionType && condition.status === 'True',
    ),
  );
  return `${open.length}/${gates.length}`;
}

function jobStatus(job: KubernetesObject): string {
  const holds = (type: string) =>
    (job.status?.conditions ?? []).some(
      (condition: NodeCondition) => condition.type === type && condition.status === 'True',
    );
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  return holds('FailureTarget') ? 'FailureTarget' : holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions(job: KubernetesObject): string {
  const succeeded = job.status?.succeeded ?? 0;
  if (job.spec?.completions != null) return `${succeeded}/${job.spec.completions}`;
  const parallelism = job.spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubernetesObject, now: number): string {
  if (!job.status?.startTime) return '';
  const end = job.status.completionTime ? Date.parse(job.status.completionTime) : now;
  return humanDuration((end - Date.parse(job.status.startTime)) / 1000);
}

function eventSource(event: KubernetesObject): string {
  const component = event.source?.component || event.reportingComponent || '';
  const host = event.source?.host || event.reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

const eventInstant = (event: KubernetesObject, which: 'first' | 'last'): string | undefined => {
  const stamped = which === 'first' ? event.firstTimestamp : (event.series?.lastObservedTime ?? event.lastTimestamp);
  return stamped || event.eventTime || undefined;
};

function servicePorts(service: KubernetesObject): string {
  const ports: readonly { port: number; nodePort?: number; protocol?: string }[] = service.spec?.ports ?? [];
  return (
    ports
      .map(({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
      .join(',') || NONE
  );
}

function serviceExternalIp(service: KubernetesObject): string {
  const ingress: readonly { ip?: string; hostname?: string }[] = service.status?.loadBalancer?.ingress ?? [];
  const external = [
    ...ingress.map(({ ip, hostname }) => ip ?? hostname ?? ''),
    ...((service.spec?.externalIPs as string[] | undefined) ?? []),
  ];
  switch (service.spec?.type) {
    case 'LoadBalancer':
      return external.join(',') || '<pending>';
    case 'ExternalName':
      return service.spec.externalName ?? NONE;
    default:
      return external.join(',') || NONE;
  }
}

const ACCESS_MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const accessModes: Cell = ({ spec }) =>
  ((spec?.accessModes as string[] | undefined) ?? []).map((mode) => ACCESS_MODES[mode] ?? mode).join(',');

const labelPairs = (labels: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',') || NONE;

const intOrNotApplicable =
  (field: string): Cell =>
  (object) =>
    object.spec?.[field] === undefined ? 'N/A' : String(object.spec[field]);

const REPLICA_COLUMNS = [
  NAME,
  count('Desired', replicas),
  count('Current', statusCount('replicas')),
  count('Ready', statusCount('readyReplicas')),
  AGE,
  ...WIDE_CONTAINERS,
];

/**
 * Columns of each resource, as kube-apiserver's printers define them.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go
 */
const COLUMNS: Record<string, readonly Column[]> = {
  nodes: [
    NAME,
    text('Status', nodeStatus),
    text('Roles', nodeRoles),
    AGE,
    text('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wide(text('Internal-IP', nodeAddress('InternalIP'))),
    wide(text('External-IP', nodeAddress('ExternalIP'))),
    wide(text('OS-Image', nodeInfo('osImage'))),
    wide(text('Kernel-Version', nodeInfo('kernelVersion'))),
    wide(text('Container-Runtime', nodeInfo('containerRuntimeVersion'))),
  ],
  pods: [
    NAME,
    text('Ready', (pod) => {
      const { readyContainers, containers } = summarisePod(pod);
      return `${readyContainers}/${containers}`;
    }),
    text('Status', (pod) => summarisePod(pod).status),
    text('Restarts', podRestarts),
    AGE,
    wide(text('IP', ({ status }) => status?.podIP || NONE)),
    wide(text('Node', ({ spec }) => spec?.nodeName || NONE)),
    wide(text('Nominated Node', ({ status }) => status?.nominatedNodeName || NONE)),
    wide(text('Readiness Gates', podReadinessGates)),
  ],
  deployments: [
    NAME,
    text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${replicas(object)}`),
    count('Up-to-date', statusCount('updatedReplicas')),
    count('Available', statusCount('availableReplicas')),
    AGE,
    ...WIDE_CONTAINERS,
    WIDE_SELECTOR,
  ],
  replicasets: [...REPLICA_COLUMNS, WIDE_SELECTOR],
  replicationcontrollers: [...REPLICA_COLUMNS, wide(text('Selector', ({ spec }) => labelPairs(spec?.selector)))],
  statefulsets: [
    NAME,
    text('Ready', (object) => `${object.status?.readyReplicas ?? 0}/${replicas(object)}`),
    AGE,
    ...WIDE_CONTAINERS,
  ],
  daemonsets: [
    NAME,
    count('Desired', statusCount('desiredNumberScheduled')),
    count('Current', statusCount('currentNumberScheduled')),
    count('Ready', statusCount('numberReady')),
    count('Up-to-date', statusCount('updatedNumberScheduled')),
    count('Available', statusCount('numberAvailable')),
    text('Node Selector', (object) => labelPairs(templateOf(object)?.nodeSelector)),
    AGE,
    ...WIDE_CONTAINERS,
    WIDE_SELECTOR,
  ],
  jobs: [
    NAME,
    text('Status', jobStatus),
    text('Completions', jobCompletions),
    text('Duration', jobDuration),
    AGE,
    ...WIDE_CONTAINERS,
    WIDE_SELECTOR,
  ],
  cronjobs: [
    NAME,
    text('Schedule', ({ spec }) => spec?.schedule ?? ''),
    text('Timezone', ({ spec }) => spec?.timeZone ?? NONE),
    { ...text('Suspend', ({ spec }) => spec?.suspend === true), type: 'boolean' },
    count('Active', ({ status }) => status?.active?.length ?? 0),
    text('Last Schedule', ({ status }, now) => (status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : NONE)),
    AGE,
    ...WIDE_CONTAINERS,
    wide(text('Selector', () => NONE)),
  ],
  poddisruptionbudgets: [
    NAME,
    text('Min Available', intOrNotApplicable('minAvailable')),
    text('Max Unavailable', intOrNotApplicable('maxUnavailable')),
    count('Allowed Disruptions', statusCount('disruptionsAllowed')),
    AGE,
  ],
  events: [
    text('Last Seen', (event, now) => ageOf(eventInstant(event, 'last'), now)),
    text('Type', ({ type }) => type ?? ''),
    text('Reason', ({ reason }) => reason ?? ''),
    text(
      'Object',
      ({ involvedObject }) => `${String(involvedObject?.kind ?? '').toLowerCase()}/${involvedObject?.name ?? ''}`,
    ),
    wide(text('Subobject', ({ involvedObject }) => involvedObject?.fieldPath ?? '')),
    wide(text('Source', eventSource)),
    text('Message', ({ message }) => String(message ?? '').trim()),
    wide(text('First Seen', (event, now) => ageOf(eventInstant(event, 'first'), now))),
    wide(count('Count', (event) => event.series?.count ?? event.count ?? 1)),
    wide(NAME),
  ],
  leases: [NAME, text('Holder', ({ spec }) => spec?.holderIdentity ?? ''), AGE],
  namespaces: [NAME, text('Status', ({ status }) => status?.phase ?? ''), AGE],
  services: [
    NAME,
    text('Type', ({ spec }) => spec?.type ?? ''),
    text('Cluster-IP', ({ spec }) => spec?.clusterIP || NONE),
    text('External-IP', serviceExternalIp),
    text('Port(s)', servicePorts),
    AGE,
    wide(text('Selector', ({ spec }) => labelPairs(spec?.selector))),
  ],
  volumeattachments: [
    NAME,
    text('Attacher', ({ spec }) => spec?.attacher ?? ''),
    text('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    text('Node', ({ spec }) => spec?.nodeName ?? ''),
    { ...text('Attached', ({ status }) => status?.attached === true), type: 'boolean' },
    AGE,
  ],
  persistentvolumes: [
    NAME,
    text('Capacity', ({ spec }) => spec?.capacity?.storage ?? ''),
    text('Access Modes', accessModes),
    text('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    text('Status', ({ status, metadata }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    text('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
    text('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    text('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    text('Reason', ({ status }) => status?.reason ?? ''),
    AGE,
    wide(text('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')),
  ],
  persistentvolumeclaims: [
    NAME,
    text('Status', ({ status, metadata }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    text('Volume', ({ spec }) => spec?.volumeName ?? ''),
    text('Capacity', ({ status }) => status?.capacity?.storage ?? ''),
    text('Access Modes', (claim, now) => (claim.spec?.volumeName ? accessModes(claim, now) : '')),
    text('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
    text('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    AGE,
    wide(text('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')),
  ],
  storageclasses: [
    {
      ...NAME,
      cell: ({ metadata }) =>
        metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
          ? `${metadata.name} (default)`
          : metadata.name,
    },
    text('Provisioner', ({ provisioner }) => provisioner ?? ''),
    text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    { ...text('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion === true), type: 'boolean' },
    AGE,
  ],
  csinodes: [NAME, count('Drivers', ({ spec }) => spec?.drivers?.length ?? 0), AGE],
  configmaps: [
    NAME,
    count('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    AGE,
  ],
  secrets: [
    NAME,
    text('Type', ({ type }) => type ?? ''),
    count('Data', ({ data }) => Object.keys(data ?? {}).length),
    AGE,
  ],
  serviceaccounts: [NAME, count('Secrets', ({ secrets }) => secrets?.length ?? 0), AGE],
};

/** Columns of a resource; NAME and AGE for one without its own. */
export const columnsOf = (resource: string): readonly Column[] => COLUMNS[resource] ?? [NAME, AGE];
