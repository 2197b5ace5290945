import type { RequestHandler } from '../server/http.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import type { Group, Image, Scenario } from '../world/scenario.ts';
import type { AutoScalingSimulation } from './auto-scaling/simulation/simulation.ts';
import type { Instances } from './ec2/state/instances.ts';
import type { LaunchTemplates } from './ec2/state/launch-templates.ts';
import type { Network } from './ec2/state/network.ts';
import type { Nodegroups } from './eks/state/nodegroups.ts';

/** Where a cluster's API server is, as DescribeCluster shows it. */
export interface KubernetesEndpoint {
  readonly endpoint: string;
  /** PEM, base64. */
  readonly certificateAuthorityData: string;
}

/** Everything that the services of a region share. */
export interface RegionState {
  readonly scenario: Scenario;
  readonly clock: SandboxClock;
  /** Milliseconds since the epoch; the scenario's instants count from here. */
  readonly startedAt: number;
  readonly network: Network;
  readonly images: ReadonlyMap<string, Image>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly launchTemplates: LaunchTemplates;
  readonly instances: Instances;
  readonly autoScaling: AutoScalingSimulation;
  /** By name of the Auto Scaling group, what its machines are like. */
  readonly groupProfiles: Map<string, Group>;
  readonly nodegroups: Nodegroups;
  /** Of what EKS does by itself. */
  readonly eksRandom: Random;
  nextEksId(): string;
  nextAutoScalingId(): string;
  kubernetesEndpoint(clusterName: string): KubernetesEndpoint;
  /** A cluster's API server, where requests arrive as those of EKS's own user `eks:node-manager`. */
  asNodeManager(clusterName: string): RequestHandler;
}
