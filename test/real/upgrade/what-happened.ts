import { isReady, type Node, type Pod, type PodDisruptionBudget } from 'eks-sandbox/kubernetes';
import type { Execution } from 'eks-sandbox/step-functions';
import { EXCLUDE_LABEL, SCALE_DOWN_DISABLED } from '../../../domain/nodegroup/node-ownership.ts';
import type { AuditEvent } from '../harness/audit-policy.ts';
import type { Rehearsal } from './rehearsal.ts';

export const podsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
export const budgetsOf = (namespace: string): string => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;

/** HTTP status of the answer. */
export const codeOf = ({ responseStatus }: AuditEvent) => responseStatus?.code ?? 0;
export const isDone = (event: AuditEvent) => codeOf(event) >= 200 && codeOf(event) < 300;

/** For example `pods/eviction`. */
export const resourceOf = ({ objectRef }: AuditEvent) =>
  [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/');

/** When the request arrived, in milliseconds since the epoch. */
export const at = ({ requestReceivedTimestamp }: AuditEvent) => Date.parse(requestReceivedTimestamp);

/** The node as a patch left it: patches of several kinds say it in several ways. */
export const patched = (event: AuditEvent) => event.responseObject as Node;

/** Our taint, labels and annotations on a node, if any are left. */
export const tracesOn = ({ metadata, spec }: Node): string[] => [
  ...Object.keys({ ...metadata.annotations, ...metadata.labels }).filter(
    (key) => key.startsWith('eks-nodegroup-upgrade/') || key === EXCLUDE_LABEL || key === SCALE_DOWN_DISABLED,
  ),
  ...(spec?.taints ?? []).map(({ key }) => key),
  ...(spec?.unschedulable === true ? ['unschedulable'] : []),
];

export const whyFailed = ({ error, cause }: Execution) => `${error}: ${cause}`;

/** Wait until the pods of a namespace run, and their budgets know it. */
export const settled = async ({ until, list }: Rehearsal, namespace = 'shop'): Promise<void> => {
  await until('all pods are Ready', async () => {
    const pods = await list<Pod>(podsOf(namespace));
    return pods.length > 0 && pods.every(isReady);
  });
  await until('all budgets have been counted', async () =>
    (await list<PodDisruptionBudget>(budgetsOf(namespace))).every(
      ({ status: { expectedPods = 0, currentHealthy } = {} }) => expectedPods > 0 && currentHealthy === expectedPods,
    ),
  );
};
