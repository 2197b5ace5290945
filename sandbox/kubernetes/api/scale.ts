import type { KubernetesObject } from '../objects.ts';
import type { LabelSelector } from '../selector-match.ts';
import { failures } from './failures.ts';
import { formatSelector } from './label-selector.ts';
import { type JsonObject, jsonObjectIn } from './patch/json-value.ts';

/** The `Scale` of a workload: what autoscalers and `kubectl scale` see of it. */
export function scaleOf({ metadata, spec, status }: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const { replicas, selector } = jsonObjectIn(spec);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas ?? 0 },
    status: {
      replicas: jsonObjectIn(status).replicas ?? 0,
      selector: formatSelector(selector as LabelSelector | undefined),
    },
  };
}

/**
 * Carry a changed scale over to its workload.
 *
 * @throws ApiFailure 422 for a count that is none
 */
export function withScale(workload: KubernetesObject, scale: JsonObject): KubernetesObject {
  const replicas = jsonObjectIn(scale.spec).replicas ?? 0;
  if (!isCount(replicas))
    throw failures.invalid('autoscaling', 'Scale', workload.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
      },
    ]);
  const { resourceVersion } = jsonObjectIn(scale.metadata);
  return {
    ...workload,
    metadata: {
      ...workload.metadata,
      ...(typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}),
    },
    spec: { ...jsonObjectIn(workload.spec), replicas },
  };
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
