import type { Machine } from '../world/machines.ts';
import type { Random } from '../world/random.ts';
import type { OtherNodes, Scenario, ScenarioCluster } from '../world/scenario.ts';

type OwnershipSigns = Pick<Machine, 'labels' | 'taints'>;

/**
 * Labels and taints that show who runs a node.
 *
 * @see https://karpenter.sh/docs/concepts/nodepools/
 * @see https://docs.aws.amazon.com/eks/latest/userguide/automode.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-overview.html
 */
const SIGNS_BY_KIND: Readonly<Record<OtherNodes['kind'], (name: string) => OwnershipSigns>> = {
  karpenter: (name) => ({
    labels: { 'karpenter.sh/nodepool': name, 'karpenter.sh/capacity-type': 'on-demand' },
    taints: [],
  }),
  autoMode: (name) => ({
    labels: { 'eks.amazonaws.com/compute-type': 'auto', 'karpenter.sh/nodepool': name },
    taints: [],
  }),
  fargate: () => ({
    labels: { 'eks.amazonaws.com/compute-type': 'fargate' },
    taints: [{ key: 'eks.amazonaws.com/compute-type', value: 'fargate', effect: 'NoSchedule' }],
  }),
  hybrid: () => ({ labels: { 'eks.amazonaws.com/compute-type': 'hybrid' }, taints: [] }),
  plain: () => ({ labels: {}, taints: [] }),
};

/** The machines of a cluster that belong to no Auto Scaling group, as the cloud announces them. */
export function otherMachinesOf(
  { region }: Pick<Scenario, 'region'>,
  { version, otherNodes }: ScenarioCluster,
  random: Random,
): Machine[] {
  let number = 0;
  return otherNodes.flatMap(({ kind, name, nodes, zone, instanceType, kubeletVersion, capacity }) =>
    Array.from({ length: nodes }, (): Machine => {
      number += 1;
      const address = `10.9.${Math.floor(number / 250)}.${(number % 250) + 1}`;
      const host = `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`;
      return {
        instanceId: `i-${random.hex(17)}`,
        autoScalingGroupName: '',
        instanceType,
        availabilityZone: zone,
        privateDnsName: kind === 'fargate' ? `fargate-${host}` : host,
        privateIpAddress: address,
        imageId: '',
        architecture: 'x86_64',
        kubeletVersion: kubeletVersion ?? `v${version}.5`,
        osImage: 'Amazon Linux 2023',
        boots: 'ready',
        ...SIGNS_BY_KIND[kind](name),
        capacity,
      };
    }),
  );
}
