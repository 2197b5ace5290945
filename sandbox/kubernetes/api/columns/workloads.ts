import { conditionOf } from '../../conditions.ts';
import type { PodTemplate } from '../../kinds/pod.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../kinds/workloads.ts';
import type { LabelSelector } from '../../selector-match.ts';
import { ageOf, humanDuration } from '../human-duration.ts';
import { formatSelector } from '../label-selector.ts';
import { AGE, type Column, count, flag, labelPairs, NAME, NONE, text, wide } from './column.ts';

/** A workload whose containers are printed. */
interface Templated {
  readonly spec?: { readonly template?: PodTemplate };
}

const containersOf = (template: PodTemplate | undefined) => template?.spec?.containers ?? [];

const containerColumns = <Kind>(templateOf: (object: Kind) => PodTemplate | undefined): readonly Column<Kind>[] => [
  wide(
    text(
      'Containers',
      (object) =>
        containersOf(templateOf(object))
          .map(({ name }) => name)
          .join(',') || NONE,
    ),
  ),
  wide(
    text(
      'Images',
      (object) =>
        containersOf(templateOf(object))
          .map(({ image }) => image ?? '')
          .join(',') || NONE,
    ),
  ),
];

const CONTAINERS = containerColumns<Templated>(({ spec }) => spec?.template);

const SELECTOR: Column<{ readonly spec: { readonly selector?: LabelSelector | undefined } }> = wide(
  text('Selector', ({ spec }) => formatSelector(spec.selector) || NONE),
);

type Replicated = ReplicaSet | ReplicationController;

const REPLICA_COLUMNS: readonly Column<Replicated>[] = [
  NAME,
  count('Desired', ({ spec }) => spec?.replicas ?? 0),
  count('Current', ({ status }) => status?.replicas ?? 0),
  count('Ready', ({ status }) => status?.readyReplicas ?? 0),
  AGE,
  ...CONTAINERS,
];

const readyOf = ({ spec, status }: Deployment | StatefulSet) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`;

export const REPLICA_SET_COLUMNS: readonly Column<ReplicaSet>[] = [...REPLICA_COLUMNS, SELECTOR];

export const REPLICATION_CONTROLLER_COLUMNS: readonly Column<ReplicationController>[] = [
  ...REPLICA_COLUMNS,
  wide(text('Selector', ({ spec }) => labelPairs(spec?.selector))),
];

export const DEPLOYMENT_COLUMNS: readonly Column<Deployment>[] = [
  NAME,
  text('Ready', readyOf),
  count('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
  count('Available', ({ status }) => status?.availableReplicas ?? 0),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

export const STATEFUL_SET_COLUMNS: readonly Column<StatefulSet>[] = [NAME, text('Ready', readyOf), AGE, ...CONTAINERS];

export const DAEMON_SET_COLUMNS: readonly Column<DaemonSet>[] = [
  NAME,
  count('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
  count('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
  count('Ready', ({ status }) => status?.numberReady ?? 0),
  count('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
  count('Available', ({ status }) => status?.numberAvailable ?? 0),
  text('Node Selector', ({ spec }) => labelPairs(spec.template.spec.nodeSelector)),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

function jobStatus(job: Job): string {
  const holds = (type: string) => conditionOf(job, type)?.status === 'True';
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  return holds('FailureTarget') ? 'FailureTarget' : holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions != null) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration((end - Date.parse(status.startTime)) / 1000);
}

export const JOB_COLUMNS: readonly Column<Job>[] = [
  NAME,
  text('Status', jobStatus),
  text('Completions', jobCompletions),
  text('Duration', jobDuration),
  AGE,
  ...CONTAINERS,
  SELECTOR,
];

export const CRON_JOB_COLUMNS: readonly Column<CronJob>[] = [
  NAME,
  text('Schedule', ({ spec }) => spec?.schedule ?? ''),
  text('Timezone', ({ spec }) => spec?.timeZone ?? NONE),
  flag('Suspend', ({ spec }) => spec?.suspend === true),
  count('Active', ({ status }) => status?.active?.length ?? 0),
  text('Last Schedule', ({ status }, now) => (status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : NONE)),
  AGE,
  ...containerColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template),
  wide(text('Selector', () => NONE)),
];
