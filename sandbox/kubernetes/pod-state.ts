import { type Conditioned, conditionOf } from './conditions.ts';
import type { Container, Pod } from './kinds/pod.ts';
import type { KubernetesObject } from './objects.ts';
import { parseMillicores, parseQuantity } from './quantity.ts';

export const isTerminating = (object: KubernetesObject): boolean => object.metadata.deletionTimestamp !== undefined;

/** A pod that will not run again. */
export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** A pod that its controller counts: neither terminating nor finished. */
export const isActive = (pod: Pod): boolean => !isTerminating(pod) && !isFinished(pod);

export const isReady = (object: Conditioned): boolean => conditionOf(object, 'Ready')?.status === 'True';

export const nodeNameOf = ({ spec }: Pod): string | undefined => spec.nodeName || undefined;

/** Names of the claims that a pod mounts. */
export const claimNamesOf = ({ spec }: Pod): string[] =>
  (spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);

/** What a pod requests of its node: millicores and bytes. */
export interface Requests {
  readonly millicores: number;
  readonly memoryBytes: number;
}

/** Pods of one template share their containers, so this is worked out once a template. */
const requestsOfContainers = new WeakMap<readonly Container[], Requests>();

/** Sum what a pod's containers request. */
export function requestsOf({ spec: { containers } }: Pod): Requests {
  let requests = requestsOfContainers.get(containers);
  if (requests === undefined) {
    const sum = (name: string, parse: (quantity: string) => number) =>
      containers.reduce((total, { resources }) => total + parse(resources?.requests?.[name] ?? '0'), 0);
    requests = { millicores: sum('cpu', parseMillicores), memoryBytes: sum('memory', parseQuantity) };
    requestsOfContainers.set(containers, requests);
  }
  return requests;
}
