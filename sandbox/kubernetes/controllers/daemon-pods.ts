import type { Node } from '../kinds/node.ts';
import type { Pod, PodTemplate } from '../kinds/pod.ts';
import type { DaemonSet } from '../kinds/workloads.ts';
import type { NewObject } from '../objects.ts';
import { nodeNameOf } from '../pod-state.ts';
import { matchesTerms } from '../scheduling/node-affinity.ts';
import { isTolerated, NOT_READY, type Toleration, UNREACHABLE, UNSCHEDULABLE } from '../taints.ts';
import { podFromTemplate, templateHashOf } from './pod-template.ts';

/** Label that names the template revision of a pod of a DaemonSet or StatefulSet. */
export const REVISION_LABEL = 'controller-revision-hash';

/** What every DaemonSet pod tolerates: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  ...[NOT_READY, UNREACHABLE].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' })),
  ...[
    'node.kubernetes.io/disk-pressure',
    'node.kubernetes.io/memory-pressure',
    'node.kubernetes.io/pid-pressure',
    UNSCHEDULABLE,
  ].map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
];

/** Shared by all pods of a template, so that a big world holds them once. */
const tolerations = new WeakMap<PodTemplate, readonly Toleration[]>();

function tolerationsOf(template: PodTemplate): readonly Toleration[] {
  let known = tolerations.get(template);
  if (known === undefined) {
    known = [
      ...(template.spec.tolerations ?? []),
      ...DAEMON_TOLERATIONS,
      ...(template.spec.hostNetwork === true
        ? [{ key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }]
        : []),
    ];
    tolerations.set(template, known);
  }
  return known;
}

/** Whether a node may get a pod of the template, and whether one that is there may stay. */
export interface Fit {
  readonly mayStart: boolean;
  readonly mayStay: boolean;
}

/** Decide what a node is to a template: by its labels, and by its taints. */
export function fitOf(template: PodTemplate, node: Node): Fit {
  const labels = node.metadata.labels ?? {};
  const terms = template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected =
    Object.entries(template.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (terms === undefined || matchesTerms(terms, { name: node.metadata.name, labels }));
  if (!isSelected) return { mayStart: false, mayStay: false };
  const tolerated = tolerationsOf(template);
  const repelling = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, tolerated),
  );
  return {
    mayStart: repelling.length === 0,
    mayStay: !repelling.some(({ effect }) => effect === 'NoExecute'),
  };
}

/** The node that a pod was made for, bound to it or not yet. */
export const intendedNodeOf = (pod: Pod): string | undefined =>
  nodeNameOf(pod) ??
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
    ?.matchFields?.[0]?.values?.[0];

/** Build the pod of a DaemonSet for one node; the scheduler binds it there and nowhere else. */
export function daemonPod(
  set: DaemonSet,
  nodeName: string,
  names: { readonly name: string; readonly generateName: string },
): NewObject<Pod> {
  const { template } = set.spec;
  return podFromTemplate(set, template, {
    ...names,
    labels: {
      [REVISION_LABEL]: templateHashOf(template),
      'pod-template-generation': String(set.metadata.generation),
    },
    spec: {
      ...template.spec,
      affinity: {
        ...template.spec.affinity,
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
          },
        },
      },
      tolerations: tolerationsOf(template),
    },
  });
}
