/** What connects the simulated cloud to a Kubernetes cluster that exists outside the sandbox. */
export type { ExternalCluster } from './kubernetes-bridge/external-cluster.ts';
export { createFrontDoor, createNodeManagerDoor } from './kubernetes-bridge/front-door.ts';
export { createMachineBridge } from './kubernetes-bridge/machine-bridge.ts';
export { ClusterRefused } from './kubernetes-bridge/nodes-ready.ts';
export { whyNotPrivate } from './kubernetes-bridge/server-address.ts';
