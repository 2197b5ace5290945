import type { KubernetesObject } from 'eks-sandbox';
import type { Rehearsal } from './rehearsal.ts';
import { settled } from './what-happened.ts';

/** A Deployment whose pods run only on the nodes of one group, those with the label `role`. */
export interface Workload {
  /** Of the Deployment, of its namespace, and of its budget. */
  readonly name: string;
  /** Default: the name. */
  readonly role?: string;
  readonly replicas: number;
  /** Without one there is no budget. */
  readonly maxUnavailable?: number;
  readonly finalizers?: readonly string[];
}

/** Create a workload in a namespace of its own, and wait until it runs. */
export async function createWorkload(rehearsal: Rehearsal, workload: Workload): Promise<void> {
  const { name, role = name, replicas, maxUnavailable, finalizers = [] } = workload;
  const create = (object: object) => rehearsal.create(object as KubernetesObject);
  const metadata = { name, namespace: name };
  const selector = { matchLabels: { app: name } };
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: selector,
  };
  await create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector,
      template: {
        metadata: { labels: { app: name }, finalizers },
        spec: {
          nodeSelector: { role },
          topologySpreadConstraints: [spread],
          containers: [{ name: 'app', image: `example.invalid/${name}` }],
        },
      },
    },
  });
  if (maxUnavailable !== undefined) {
    const spec = { maxUnavailable, selector };
    await create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec });
  }
  await settled(rehearsal, name);
}
