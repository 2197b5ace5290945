import type { Machine } from '../../world/machines.ts';
import type { Condition } from '../conditions.ts';
import type { Node } from '../kinds/node.ts';
import type { NewObject } from '../objects.ts';
import { parseMillicores, parseQuantity } from '../quantity.ts';
import { NOT_READY, type Taint, UNINITIALIZED } from '../taints.ts';
import type { NodeImage } from './node-images.ts';

const KIBI = 1024;
const MEBI = 1024 * KIBI;

/** What the kubelet of an EKS AMI keeps for itself: https://github.com/awslabs/amazon-eks-ami (bootstrap, kubelet config). */
function reservedOf({ cpu, pods }: Machine['capacity']): { millicores: number; memoryBytes: number } {
  const millicores = parseMillicores(cpu);
  const shares: readonly [upToMillicores: number, share: number][] = [
    [1000, 0.06],
    [2000, 0.01],
    [4000, 0.005],
    [Number.POSITIVE_INFINITY, 0.0025],
  ];
  let reserved = 0;
  let from = 0;
  for (const [upTo, share] of shares) {
    reserved += Math.max(0, Math.min(millicores, upTo) - from) * share;
    from = upTo;
  }
  const evictionThresholdBytes = 100 * MEBI;
  return { millicores: Math.floor(reserved), memoryBytes: (255 + 11 * pods) * MEBI + evictionThresholdBytes };
}

/** Node labels that the cloud controller adds once it has found the instance. */
export const cloudLabelsOf = (machine: Machine, region: string): Record<string, string> => ({
  'failure-domain.beta.kubernetes.io/region': region,
  'failure-domain.beta.kubernetes.io/zone': machine.availabilityZone,
  'topology.kubernetes.io/region': region,
  'topology.kubernetes.io/zone': machine.availabilityZone,
});

export const providerIdOf = (machine: Machine): string => `aws:///${machine.availabilityZone}/${machine.instanceId}`;

/** Conditions as a kubelet posts them; Ready stands among the others, as readers must not count on its place. */
export const kubeletConditions = (isReady: boolean, at: string): Condition[] => {
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  return [
    fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    readyCondition(isReady, at),
    fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
  ];
};

export const readyCondition = (isReady: boolean, at: string): Condition => ({
  type: 'Ready',
  status: isReady ? 'True' : 'False',
  reason: isReady ? 'KubeletReady' : 'KubeletNotReady',
  message: isReady
    ? 'kubelet is posting ready status'
    : 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  lastHeartbeatTime: at,
  lastTransitionTime: at,
});

/**
 * Build the Node that a machine's kubelet registers.
 *
 * @param images what lies on its disk
 * @param stage `registered`: not Ready, unknown to the cloud controller, with start-up taints; `settled`: Ready for long
 * @param at    RFC 3339 UTC, seconds
 */
export function nodeObjectOf(
  machine: Machine,
  region: string,
  stage: 'registered' | 'settled',
  at: string,
  images: readonly NodeImage[] = [],
): NewObject<Node> {
  const isSettled = stage === 'settled';
  const architecture = machine.architecture === 'x86_64' ? 'amd64' : 'arm64';
  const reserved = reservedOf(machine.capacity);
  const memoryBytes = parseQuantity(machine.capacity.memory);
  const resources = (millicores: string, memory: number) => ({
    cpu: millicores,
    'ephemeral-storage': '20893676Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(memory / KIBI)}Ki`,
    pods: String(machine.capacity.pods),
  });
  const startupTaints: Taint[] = [
    { key: UNINITIALIZED, value: 'true', effect: 'NoSchedule' },
    { key: NOT_READY, effect: 'NoSchedule' },
  ];
  const taints = [...machine.taints, ...(isSettled ? [] : startupTaints)];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.privateDnsName,
      labels: {
        'beta.kubernetes.io/arch': architecture,
        'beta.kubernetes.io/instance-type': machine.instanceType,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': architecture,
        'kubernetes.io/hostname': machine.privateDnsName,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': machine.instanceType,
        ...machine.labels,
        ...(isSettled ? cloudLabelsOf(machine, region) : {}),
      },
      annotations: {
        'alpha.kubernetes.io/provided-node-ip': machine.privateIpAddress,
        'csi.volume.kubernetes.io/nodeid': JSON.stringify({ 'ebs.csi.aws.com': machine.instanceId }),
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      ...(isSettled ? { providerID: providerIdOf(machine) } : {}),
      ...(taints.length > 0 ? { taints } : {}),
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: machine.privateIpAddress },
        { type: 'InternalDNS', address: machine.privateDnsName },
        { type: 'Hostname', address: machine.privateDnsName },
      ],
      allocatable: {
        ...resources(
          `${Math.max(0, parseMillicores(machine.capacity.cpu) - reserved.millicores)}m`,
          Math.max(0, memoryBytes - reserved.memoryBytes),
        ),
        'ephemeral-storage': '18181869946',
      },
      capacity: resources(machine.capacity.cpu, memoryBytes),
      conditions: kubeletConditions(isSettled, at),
      ...(images.length > 0 ? { images } : {}),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture,
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.5',
        kernelVersion: `6.12.58-82.121.amzn2023.${machine.architecture === 'x86_64' ? 'x86_64' : 'aarch64'}`,
        kubeProxyVersion: '',
        kubeletVersion: machine.kubeletVersion,
        machineID: '',
        operatingSystem: 'linux',
        osImage: machine.osImage,
        systemUUID: '',
      },
    },
  };
}
