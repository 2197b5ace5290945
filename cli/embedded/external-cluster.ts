import { setTimeout as sleep } from 'node:timers/promises';
import type { OutsideCluster } from 'eks-sandbox';
import type { PacedClock } from 'eks-sandbox/clock';
import {
  createFrontDoor,
  createMachineBridge,
  createNodeManagerDoor,
  type ExternalCluster,
} from 'eks-sandbox/kubernetes-bridge';
import type { Scenario } from 'eks-sandbox/scenario';
import { createHttpsTransport } from '../../clients/kubernetes/https.ts';
import type { KubernetesTransport } from '../../clients/kubernetes/transport.ts';
import type { EksCluster } from '../../domain/types.ts';

/** A cluster of the user, for which the sandbox simulates AWS. */
export interface ExternalClusterOptions {
  readonly cluster: ExternalCluster;
  /** Its kubeconfig, as the user named it. */
  readonly kubeconfig: string;
  /**
   * The bearer token of the workflow's functions in that cluster, read before each request. When it is absent, they send EKS
   * tokens, and the sandbox forwards their requests under the groups of the RBAC manifest.
   */
  readonly workflowToken?: (() => string) | undefined;
  /** Called with one sentence when the cluster refuses a change to a node. */
  readonly onProblem: (sentence: string) => void;
}

/** Reach the user's cluster as production does, but with a token that the cluster accepts. */
export const withTokenOf =
  (workflowToken: () => string) =>
  ({ endpoint = '', certificateAuthority }: EksCluster): KubernetesTransport => {
    const transport = createHttpsTransport({ endpoint, certificateAuthority });
    return (request) =>
      transport({ ...request, headers: { ...request.headers, authorization: `Bearer ${workflowToken()}` } });
  };

type Bridge = ReturnType<typeof createMachineBridge>;

/** Register the machines of the sandbox as Nodes of the user's cluster. */
export const createBridge = (
  { cluster, onProblem }: ExternalClusterOptions,
  { region, timings }: Scenario,
  clock: PacedClock,
): Bridge =>
  createMachineBridge({ cluster, clock, region, timings, pause: (seconds) => sleep(seconds * 1000), onProblem });

/** The user's cluster, by the name of the scenario's cluster that it replaces. */
export function outsideClusters(
  { cluster, workflowToken }: ExternalClusterOptions,
  { clusters }: Scenario,
  machines: Bridge,
): ReadonlyMap<string, OutsideCluster> {
  const outside: OutsideCluster = {
    machines,
    asNodeManager: createNodeManagerDoor(cluster),
    ...(workflowToken === undefined && { frontDoor: (authenticate) => createFrontDoor(cluster, authenticate) }),
  };
  return new Map(clusters.map(({ name }) => [name, outside]));
}
