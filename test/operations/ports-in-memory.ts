import type { Cluster, Deps } from '../../clients/ports.ts';
import type { AutoScalingGroup } from '../../domain/types.ts';
import { aGroup, aGroupInstance, aNode, anInstance, NEW_AMI, NOW_AT } from '../domain/builders.ts';
import { type AwsInMemory, createAws } from './aws-in-memory.ts';
import { type ClockInMemory, createClock } from './clock-in-memory.ts';
import { type ClusterInMemory, createCluster } from './cluster-in-memory.ts';

/** All ports over one small world. Replace a method of `deps` or `cluster` by a sinon fake for an odd answer. */
export interface PortsInMemory {
  readonly deps: Deps;
  readonly cluster: Cluster;
  readonly clock: ClockInMemory;
  readonly aws: AwsInMemory;
  readonly kubernetes: ClusterInMemory;
  /** Every change that was asked for, in order: `resize workers {"maxSize":9}`. */
  readonly changes: string[];
}

/**
 * Make all ports over one world: the cluster `production` and the group of `aGroup`, whose three outdated instances are
 * Ready nodes called node-0, node-1 and node-2, without a pod on them.
 */
export function createPorts(): PortsInMemory {
  const clock = createClock(NOW_AT);
  const changes: string[] = [];
  const { ports, state: aws } = createAws(clock, changes);
  const { cluster, state: kubernetes } = createCluster(clock, changes);
  for (const [index, { instanceId }] of aGroup().instances.entries()) {
    kubernetes.nodes.set(`node-${index}`, aNode({ name: `node-${index}`, instanceId, uid: `uid-of-node-${index}` }));
  }
  const deps: Deps = {
    ...ports,
    cluster: async () => cluster,
    clock,
    random: () => 0,
  };
  return { deps, cluster, clock, aws, kubernetes, changes };
}

/** Let a new instance join the group: in service, on the new AMI, as a Ready node. */
export function addNewNode(
  { aws, kubernetes }: Pick<PortsInMemory, 'aws' | 'kubernetes'>,
  name: string,
  { zone, ...member }: { zone: string; launchTemplateVersion?: number },
): void {
  const instanceId = `i-of-${name}`;
  const group = aws.groups.get('workers') as AutoScalingGroup;
  const instance = aGroupInstance({ instanceId, zone, ...member });
  aws.groups.set('workers', { ...group, instances: [...group.instances, instance] });
  aws.instances.set('workers', [
    ...(aws.instances.get('workers') ?? []),
    anInstance({ instanceId, zone, imageId: NEW_AMI }),
  ]);
  kubernetes.nodes.set(name, aNode({ name, instanceId, uid: `uid-of-${name}` }));
}
