import type { SFNClientConfig } from '@aws-sdk/client-sfn';
import type { Deps } from '../../../clients/ports.ts';

/** The AWS clients of the workflow, over one implementation of AWS. */
export interface Side {
  readonly deps: Pick<Deps, 'alarms' | 'autoScaling' | 'ec2' | 'eks' | 'executions' | 'parameters'>;
  /** For clients of the SDK itself, where ours do not show what a behaviour is about. */
  readonly config: Pick<SFNClientConfig, 'region' | 'endpoint' | 'credentials' | 'requestHandler'>;
  /** Let instances be launched and shut down. */
  letPass(seconds: number): Promise<void>;
}

/**
 * What both sides start with. A group of three instances, at least one and at most six, whose template has two versions of
 * the same AMI, the second one in use; an alarm that is OK; a cluster with a managed node group; a parameter.
 */
export const WORLD = {
  region: 'eu-west-1',
  group: 'contract',
  zones: ['eu-west-1a', 'eu-west-1b'],
  sizes: { minSize: 1, maxSize: 6, desiredCapacity: 3 },
  instanceType: 'm5.large',
  alarm: 'contract-errors',
  cluster: 'contract',
  nodegroup: 'contract-managed',
  parameter: '/contract/parameter',
} as const;
