import { isEqualJson } from '../equality.ts';
import type { PodTemplate } from '../kinds/pod.ts';
import type { Deployment, ReplicaSet } from '../kinds/workloads.ts';
import { ownerReferenceTo } from '../object-keys.ts';
import type { KubernetesObject, NewObject } from '../objects.ts';
import { templateHashOf } from './pod-template.ts';

const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

/** Revision of a Deployment or of one of its ReplicaSets; 0 before it has one. */
export const revisionOf = ({ metadata }: KubernetesObject) => Number(metadata.annotations?.[REVISION] ?? 0);

/** The object at another revision. */
export const withRevision = <Kind extends Deployment | ReplicaSet>(object: Kind, revision: number): Kind => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, [REVISION]: String(revision) },
  },
});

/** A ReplicaSet's template without the label that tells it from its siblings. */
function unhashed(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Whether a ReplicaSet has the template of its Deployment. */
export const isOfTemplate = (replicaSet: ReplicaSet, template: PodTemplate): boolean =>
  isEqualJson(unhashed(replicaSet.spec.template), unhashed(template));

/** Build the ReplicaSet of a Deployment's present template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: number): NewObject<ReplicaSet> {
  const { selector, template } = deployment.spec;
  const hash = templateHashOf(template);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? 'default',
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
        [REVISION]: String(revision),
      },
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}
