/** A machine that the cloud launched for a cluster, as it is announced to the cluster. */
export interface Machine {
  readonly instanceId: string;
  readonly autoScalingGroupName: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly privateDnsName: string;
  readonly privateIpAddress: string;
  readonly imageId: string;
  readonly architecture: 'x86_64' | 'arm64';
  /** kubelet version, e.g. v1.33.5. */
  readonly kubeletVersion: string;
  /** e.g. Amazon Linux 2023.9.20251208. */
  readonly osImage: string;
  /** As the AMI behaves at boot. */
  readonly boots: 'ready' | 'never-joins' | 'never-ready';
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { key: string; value?: string | undefined; effect: string }[];
  readonly capacity: { cpu: string; memory: string; pods: number };
}

/**
 * A cluster as the cloud sees it: machines come and go. The simulated cluster implements it, and so does the bridge
 * to a real control plane.
 */
export interface MachineObserver {
  /** Present from the start: its Node is registered and Ready at once. */
  machineExisted(machine: Machine): void;
  /** InService: the kubelet registers the Node after the join time, and it turns Ready later. */
  machineInService(machine: Machine): void;
  /** Shutting down: the kubelet stops its heartbeat. Pods still on it die with it. */
  machineStopping(instanceId: string): void;
  /** Terminated: the cloud controller deletes the Node once it is not Ready. */
  machineGone(instanceId: string): void;
}
