import type { KubernetesObject } from '../objects.ts';
import type { LabelSelector } from '../selector-match.ts';
import { failures } from './failures.ts';
import { formatSelector } from './label-selector.ts';

/** The `Scale` of a workload: what autoscalers and `kubectl scale` see of it. */
export function scaleOf({ metadata, spec, status }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.replicas ?? 0 },
    status: {
      replicas: status?.replicas ?? 0,
      selector: formatSelector(spec?.selector as LabelSelector | undefined),
    },
  };
}

/**
 * Carry a changed scale over to its workload.
 *
 * @throws ApiFailure 422 for a count that is none
 */
export function withScale(workload: KubernetesObject, scale: KubernetesObject): KubernetesObject {
  const replicas: unknown = scale.spec?.replicas ?? 0;
  if (!Number.isInteger(replicas) || (replicas as number) < 0)
    throw failures.invalid('autoscaling', 'Scale', workload.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
      },
    ]);
  const { resourceVersion } = scale.metadata;
  return {
    ...workload,
    metadata: { ...workload.metadata, ...(resourceVersion ? { resourceVersion } : {}) },
    spec: { ...workload.spec, replicas },
  };
}
