import type { Plan, WorkflowRun } from '../../domain/state.ts';
import { blockingPod, type NodeFacts, START, ZONES } from './synthetic-nodes.ts';
import type { SyntheticOptions } from './synthetic-options.ts';

/** The plan of a made-up run. */
export function planFor(
  options: Pick<SyntheticOptions, 'nodes' | 'parallelism' | 'blockedNodes' | 'hostileName' | 'isDryRun'>,
  nodes: readonly NodeFacts[],
  arn: string,
): Plan & { run: WorkflowRun } {
  const surge = Math.max(2 * ZONES.length, 2 * options.parallelism);
  const sizes = { minSize: options.nodes, maxSize: options.nodes + 6, desiredCapacity: options.nodes };
  const target = { amiId: 'ami-0b2f4a6c8d0e1f3a5', releaseVersion: '1.33.5-20260114' };
  return {
    status: 'planned',
    isDryRun: options.isDryRun ?? false,
    summary: `${options.nodes} of ${options.nodes} nodes are outdated and would be brought to ${target.releaseVersion}, ${options.parallelism} at a time`,
    run: {
      executionArn: arn,
      startedAt: new Date(START).toISOString(),
      clusterName: 'shop-production',
      autoScalingGroupName: 'shop-workers',
      engine: 'workflow',
      updateStrategy: 'DEFAULT',
      target: { ...target, launchTemplateId: 'lt-0a1b2c3d4e5f60718', sourceVersion: '4', comparesVersion: false },
      parallelism: options.parallelism,
      coversZones: true,
      surge,
      originalSizes: sizes,
      force: false,
      drainTimeoutSeconds: 900,
      cordonWaitSeconds: 60,
      nodeReadyTimeoutSeconds: 900,
      alarms: ['shop-checkout-5xx'],
      failurePolicy: 'finish',
      pods: { unmanaged: 'evict', localStorage: 'evict' },
      blockedNodes: 'reopen',
    },
    kubernetesVersion: '1.33',
    group: {
      kind: 'self-managed',
      zones: ZONES,
      instanceTypes: ['m6i.xlarge'],
      launchTemplateVersion: '4',
      sizes,
    },
    current: [{ amiId: 'ami-0123456789abcdef0', nodes: options.nodes }],
    target: {
      ...target,
      amiName: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20260114',
      amiType: 'AL2023_x86_64_STANDARD',
      source:
        'SSM parameter /aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id',
    },
    nodes: {
      total: options.nodes,
      outdated: options.nodes,
      outdatedNodes: nodes.slice(0, 100).map(({ instanceId, nodeName, zone }) => ({ instanceId, nodeName, zone })),
      isListComplete: nodes.length <= 100,
    },
    parallelism: { nodes: options.parallelism, rule: `maxUnavailablePercentage 10 of ${options.nodes} nodes` },
    surge: { nodes: surge, rule: 'the larger of 2 x 3 zones and 2 x the parallelism' },
    estimate: {
      durationSeconds: 120 + Math.ceil(options.nodes / options.parallelism) * 115,
      extraInstanceHours: surge * 0.4,
      stateTransitions: 30 + options.nodes * 12,
      stepFunctionsUsd: (30 + options.nodes * 12) * 0.000025,
      assumptions: 'boot 90 s, longest termination 45 s, cordon wait 60 s',
    },
    warnings: ['AZRebalance will be suspended while nodes are being replaced.'],
    blockingPods: (options.blockedNodes ?? []).length > 0 ? [blockingPod(START, options.hostileName)] : [],
    blockingPodCount: (options.blockedNodes ?? []).length > 0 ? 1 : 0,
  };
}
