import { cancel } from './cancel.ts';
import { cleanup } from './cleanup.ts';
import type { Command, OptionSpecs } from './command.ts';
import { completion } from './completion.ts';
import { list } from './list.ts';
import { outdated } from './outdated.ts';
import { pause } from './pause.ts';
import { plan } from './plan.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { sandbox } from './sandbox.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { wait } from './wait.ts';
import { watch } from './watch.ts';

export const PURPOSE =
  'Replace every node of an EKS node group with nodes on a new AMI, by a workflow of AWS Step Functions.';

/** All commands, in the order in which help and documents show them. */
export const COMMANDS: readonly Command[] = [
  outdated,
  plan,
  start,
  watch,
  wait,
  status,
  list,
  pause,
  resume,
  cancel,
  cleanup,
  report,
  sandbox,
  completion,
];

/** Options that every command takes, before or after its name. */
export const GLOBAL_OPTIONS: OptionSpecs = {
  'state-machine': {
    type: 'string',
    value: 'ARN|NAME',
    description:
      'the workflow; default: $EKS_NODEGROUP_UPGRADE_STATE_MACHINE, or the one with upgrade-nodegroup (for a cluster: upgrade-cluster) in its name',
  },
  region: { type: 'string', value: 'REGION', description: 'AWS region; default: as the AWS SDK finds it' },
  json: { type: 'boolean', description: 'machine-readable output' },
};

/** A summary as a sentence. */
export const sentenceOf = (summary: string): string => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

export const PROGRAM_EXAMPLES: readonly string[] = [
  'plan --cluster shop --auto-scaling-group workers',
  'start --cluster shop --auto-scaling-group workers --watch',
  'outdated --cluster shop',
  'report',
];

export const ENDPOINT_HINT = 'AWS_ENDPOINT_URL makes the program use a sandbox.';
