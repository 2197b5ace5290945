import type { Pod } from '../kinds/pod.ts';
import type { PersistentVolumeClaim } from '../kinds/storage.ts';
import type { ClaimTemplate, StatefulSet } from '../kinds/workloads.ts';
import type { NewObject } from '../objects.ts';
import { REVISION_LABEL } from './daemon-pods.ts';
import { podFromTemplate } from './pod-template.ts';

/** Number of a pod in its StatefulSet, from its name. */
export const ordinalOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1]);

const claimNameOf = (claim: ClaimTemplate, set: StatefulSet, ordinal: number) =>
  `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of one pod of a StatefulSet. */
export const claimsOf = (set: StatefulSet, ordinal: number): NewObject<PersistentVolumeClaim>[] =>
  (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimNameOf(claim, set, ordinal),
      namespace: set.metadata.namespace ?? 'default',
      labels: { ...set.spec.selector?.matchLabels, ...claim.metadata.labels },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: { volumeMode: 'Filesystem', ...claim.spec },
    status: { phase: 'Pending' },
  }));

/** One pod of a StatefulSet, with its identity and its claims. */
export function statefulPod(set: StatefulSet, ordinal: number, revision: string): NewObject<Pod> {
  const { template, serviceName = '', volumeClaimTemplates = [] } = set.spec;
  const name = `${set.metadata.name}-${ordinal}`;
  return podFromTemplate(set, template, {
    name,
    generateName: `${set.metadata.name}-`,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      [REVISION_LABEL]: revision,
      'statefulset.kubernetes.io/pod-name': name,
    },
    spec: {
      ...template.spec,
      hostname: name,
      subdomain: serviceName,
      volumes: [
        ...volumeClaimTemplates.map((claim) => ({
          name: claim.metadata.name,
          persistentVolumeClaim: { claimName: claimNameOf(claim, set, ordinal) },
        })),
        ...(template.spec.volumes ?? []),
      ],
    },
  });
}
