import type { PodSpec } from '../kinds/pod.ts';
import { NOT_READY, UNREACHABLE } from '../taints.ts';

/** Seconds a pod stays on a node that is not ready or unreachable, unless it says otherwise. */
const DEFAULT_TOLERATION_SECONDS = 300;

const defaulted = new WeakMap<PodSpec, PodSpec>();

/**
 * Complete a pod spec as the API server's defaulting and its DefaultTolerationSeconds admission plugin do.
 *
 * Specs of one template come out as one object, so that a big world holds it once.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaulttolerationseconds
 */
export function withPodDefaults(spec: PodSpec): PodSpec {
  const known = defaulted.get(spec);
  if (known !== undefined) return known;
  const own = spec.tolerations ?? [];
  const missing = [NOT_READY, UNREACHABLE].filter(
    (key) =>
      !own.some(
        (toleration) =>
          (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute'),
      ),
  );
  const completed: PodSpec = {
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    serviceAccount: 'default',
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
    ...spec,
    tolerations:
      missing.length === 0
        ? own
        : [
            ...own,
            ...missing.map((key) => ({
              key,
              operator: 'Exists',
              effect: 'NoExecute',
              tolerationSeconds: DEFAULT_TOLERATION_SECONDS,
            })),
          ],
  };
  defaulted.set(spec, completed);
  return completed;
}

/** QoS class of a pod spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClassOf(spec: PodSpec): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const { containers } = spec;
  const amounts = containers.flatMap(({ resources }) => [
    ...Object.values(resources?.requests ?? {}),
    ...Object.values(resources?.limits ?? {}),
  ]);
  if (amounts.length === 0) return 'BestEffort';
  const isGuaranteed = containers.every(({ resources }) =>
    ['cpu', 'memory'].every(
      (name) =>
        resources?.limits?.[name] !== undefined &&
        (resources.requests?.[name] ?? resources.limits[name]) === resources.limits[name],
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
