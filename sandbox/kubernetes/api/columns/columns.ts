import type { Kinds, ResourceName } from '../../kinds/kinds.ts';
import { AGE, type Column, count, NAME, text } from './column.ts';
import { EVENT_COLUMNS } from './events.ts';
import { NODE_COLUMNS } from './nodes.ts';
import { PLAIN_COLUMNS } from './plain.ts';
import { POD_COLUMNS } from './pods.ts';
import { SERVICE_COLUMNS } from './services.ts';
import { CLAIM_COLUMNS, STORAGE_CLASS_COLUMNS, VOLUME_ATTACHMENT_COLUMNS, VOLUME_COLUMNS } from './storage.ts';
import {
  CRON_JOB_COLUMNS,
  DAEMON_SET_COLUMNS,
  DEPLOYMENT_COLUMNS,
  JOB_COLUMNS,
  REPLICA_SET_COLUMNS,
  REPLICATION_CONTROLLER_COLUMNS,
  STATEFUL_SET_COLUMNS,
} from './workloads.ts';

const fieldCount = (fields: object | undefined) => Object.keys(fields ?? {}).length;

const intOrNotApplicable = (value: number | string | undefined) => (value === undefined ? 'N/A' : String(value));

/**
 * Columns of each resource, as kube-apiserver's printers define them.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go
 */
const COLUMNS: { readonly [Resource in ResourceName]?: readonly Column<Kinds[Resource]>[] } = {
  nodes: NODE_COLUMNS,
  pods: POD_COLUMNS,
  deployments: DEPLOYMENT_COLUMNS,
  replicasets: REPLICA_SET_COLUMNS,
  replicationcontrollers: REPLICATION_CONTROLLER_COLUMNS,
  statefulsets: STATEFUL_SET_COLUMNS,
  daemonsets: DAEMON_SET_COLUMNS,
  jobs: JOB_COLUMNS,
  cronjobs: CRON_JOB_COLUMNS,
  poddisruptionbudgets: [
    NAME,
    text('Min Available', ({ spec }) => intOrNotApplicable(spec.minAvailable)),
    text('Max Unavailable', ({ spec }) => intOrNotApplicable(spec.maxUnavailable)),
    count('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    AGE,
  ],
  events: EVENT_COLUMNS,
  leases: [NAME, text('Holder', ({ spec }) => spec?.holderIdentity ?? ''), AGE],
  namespaces: [NAME, text('Status', ({ status }) => status?.phase ?? ''), AGE],
  services: SERVICE_COLUMNS,
  volumeattachments: VOLUME_ATTACHMENT_COLUMNS,
  persistentvolumes: VOLUME_COLUMNS,
  persistentvolumeclaims: CLAIM_COLUMNS,
  storageclasses: STORAGE_CLASS_COLUMNS,
  csinodes: [NAME, count('Drivers', ({ spec }) => spec?.drivers?.length ?? 0), AGE],
  configmaps: [NAME, count('Data', ({ data, binaryData }) => fieldCount(data) + fieldCount(binaryData)), AGE],
  secrets: [NAME, text('Type', ({ type }) => type ?? ''), count('Data', ({ data }) => fieldCount(data)), AGE],
  ...PLAIN_COLUMNS,
  serviceaccounts: [NAME, count('Secrets', ({ secrets }) => secrets?.length ?? 0), AGE],
};

/** Columns of a resource; NAME and AGE for one without its own. */
export const columnsOf = <Resource extends ResourceName>(resource: Resource): readonly Column<Kinds[Resource]>[] =>
  COLUMNS[resource] ?? [NAME, AGE];
