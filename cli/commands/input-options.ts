import type { OptionSpecs } from './command.ts';

const text = (value: string, description: string) => ({ type: 'string', value, description }) as const;

/** An option whose values a shell can complete. */
const oneOf = (value: string, choices: readonly string[], description: string) => ({
  ...text(value, description),
  choices,
});

/** The execution input as options. */
export const INPUT_OPTIONS: OptionSpecs = {
  cluster: text('NAME', 'EKS cluster'),
  'auto-scaling-group': text('NAME', 'Auto Scaling group of self-managed nodes; or --nodegroup or --nodegroups'),
  nodegroup: text('NAME', 'EKS managed node group'),
  nodegroups: {
    ...text(
      'all|NAME,NAME',
      'every outdated group of the cluster, or those named, each in an execution of its own; repeatable',
    ),
    isRepeatable: true,
  },
  'max-parallel-nodegroups': text('N', 'with --nodegroups: how many groups at a time; default 1'),
  'on-nodegroup-failure': oneOf(
    'stop|continue',
    ['stop', 'continue'],
    'with --nodegroups: what to do after a group that fails; default stop',
  ),
  'ami-id': text('AMI', 'target: this AMI'),
  'release-version': text('VERSION', 'target: this EKS release, e.g. 1.33.5-20260101'),
  'launch-template-version': text(
    'N',
    'target: this version of the launch template in use (a rollback names the previous one)',
  ),
  'ssm-parameter': text('NAME', 'target: the AMI whose id is in this SSM parameter; default: the recommended AMI'),
  'ami-type': text('TYPE', 'EKS AMI type; needed when it cannot be derived from the AMI in use'),
  engine: oneOf(
    'ENGINE',
    ['workflow', 'eks'],
    'workflow: the phases of this workflow; eks: an update by EKS; default: eks for --nodegroup, else workflow',
  ),
  'max-unavailable': text('N|N%', 'nodes upgraded in parallel; default 1'),
  surge: text('N', 'extra nodes; default: from zones and parallelism'),
  'update-strategy': oneOf('STRATEGY', ['DEFAULT', 'MINIMAL'], 'DEFAULT, or MINIMAL to add no capacity'),
  force: { type: 'boolean', description: 'delete pods that are left when the drain timeout has passed' },
  'allow-downgrade': { type: 'boolean', description: 'go to a release older than the one in use' },
  'drain-timeout-seconds': text('N', 'how long the pods of a node may take to leave it; default 900'),
  'cordon-wait-seconds': text('N', 'how long a drained node waits before its termination; default 60'),
  'node-ready-timeout-seconds': text('N', 'how long to wait without a new node becoming Ready; default 900'),
  alarm: { ...text('NAME', 'CloudWatch alarm that stops the run; repeatable'), isRepeatable: true },
  'canary-nodes': text('N', 'how many nodes to upgrade first'),
  'canary-bake-seconds': text('N', 'how long to wait after the canary nodes before the others'),
  'failure-policy': oneOf(
    'POLICY',
    ['finish', 'halt'],
    'finish: set blocked nodes aside and go on; halt: stop at the first; default finish',
  ),
  'pods-unmanaged': oneOf('POLICY', ['evict', 'refuse'], 'pods without a controller: evict or refuse; default evict'),
  'pods-local-storage': oneOf(
    'POLICY',
    ['evict', 'refuse'],
    'pods with an emptyDir volume: evict or refuse; default evict',
  ),
  input: text('FILE|-', 'the execution input as a JSON object; other options override it'),
};
