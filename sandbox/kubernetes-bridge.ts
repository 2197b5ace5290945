/** What connects the simulated cloud to a Kubernetes cluster that exists outside the sandbox. */
export type { ExternalCluster } from './kubernetes-bridge/external-cluster.ts';
export { createFrontDoor, createNodeManagerDoor } from './kubernetes-bridge/front-door.ts';
export { ClusterRefused, createMachineBridge } from './kubernetes-bridge/machine-bridge.ts';
export { whyNotPrivate } from './kubernetes-bridge/server-address.ts';
