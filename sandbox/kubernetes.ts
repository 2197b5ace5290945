/** The parts of a simulated cluster, for those who need a cluster without a cloud. */
export { ADMIN } from './kubernetes/authenticator.ts';
export { createAuthorizer, rulesOfGroup } from './kubernetes/authorizer.ts';
export { createSimulatedCluster } from './kubernetes/cluster.ts';
export { createEvictionAdmission } from './kubernetes/faults/eviction-admission.ts';
export { withKubernetesFaults } from './kubernetes/faults.ts';
export type { PodDisruptionBudget } from './kubernetes/kinds/disruption-budget.ts';
export type { Node } from './kubernetes/kinds/node.ts';
export type { Pod } from './kubernetes/kinds/pod.ts';
export type { VolumeAttachment } from './kubernetes/kinds/storage.ts';
export { createKubernetesApi } from './kubernetes/kubernetes-api.ts';
export { createObjectStore } from './kubernetes/object-store.ts';
export { isReady } from './kubernetes/pod-state.ts';
