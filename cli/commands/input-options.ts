import { clusterInputSchema } from '../../domain/cluster/input.ts';
import { defaultOf, type Field, fieldAt, fieldsOf } from '../../domain/input/field.ts';
import { inputSchema } from '../../domain/input/input.ts';
import type { OptionSpec, OptionSpecs } from './command.ts';

const NODEGROUP = fieldsOf(inputSchema);
const CLUSTER = fieldsOf(clusterInputSchema);

/** Text of docs/input.md without the marks of Markdown and the quotes of JSON. */
const plain = (markdown: string): string => markdown.replaceAll(/[`"]/g, '');

/** What a field of the input means, in the words of docs/input.md. */
const meaning = (path: string, fields = NODEGROUP): string => plain(fieldAt(fields, path).description ?? '');

const defaultText = (path: string, fields = NODEGROUP): string => plain(defaultOf(fieldAt(fields, path)) ?? '');

const meaningAndDefault = (path: string, fields = NODEGROUP): string =>
  `${meaning(path, fields)}; default: ${defaultText(path, fields)}`;

const text = (value: string, description: string) => ({ type: 'string', value, description }) as const;

/** An option for a field with few values, which the shell can complete. */
function choice(path: string, { fields = NODEGROUP, scope = '' }: { fields?: Field; scope?: string } = {}): OptionSpec {
  const choices = (fieldAt(fields, path).enum ?? []).map(String);
  return { ...text(choices.join('|'), `${scope}${meaningAndDefault(path, fields)}`), choices };
}

const repeatable = (value: string, description: string): OptionSpec => ({
  ...text(value, `${description}; repeatable`),
  isRepeatable: true,
});

const flag = (path: string): OptionSpec => ({ type: 'boolean', description: meaning(path) });

/** The execution input as options. */
export const INPUT_OPTIONS: OptionSpecs = {
  cluster: text('NAME', meaning('clusterName')),
  'auto-scaling-group': text('NAME', `${meaning('autoScalingGroupName')}; or give --nodegroup or --nodegroups`),
  nodegroup: text('NAME', meaning('nodegroupName')),
  nodegroups: repeatable('all|NAME,NAME', meaning('nodegroups', CLUSTER)),
  'max-parallel-nodegroups': text('N', `with --nodegroups: ${meaningAndDefault('maxParallelNodegroups', CLUSTER)}`),
  'on-nodegroup-failure': choice('onNodegroupFailure', { fields: CLUSTER, scope: 'with --nodegroups: ' }),
  'ami-id': text('AMI', `target: ${meaning('target.amiId')}`),
  'release-version': text('VERSION', `target: ${meaning('target.releaseVersion')}`),
  'launch-template-version': text('N', `target: ${meaning('target.launchTemplateVersion')}`),
  'ssm-parameter': text(
    'NAME',
    `target: ${meaning('target.ssmParameter')}; without a target: ${defaultText('target')}`,
  ),
  'ami-type': text('TYPE', meaningAndDefault('amiType')),
  engine: choice('engine'),
  'max-unavailable': text(
    'N|N%',
    `N: ${meaning('updateConfig.maxUnavailable')}; N%: ${meaning('updateConfig.maxUnavailablePercentage')}; default: ${defaultText('updateConfig.maxUnavailable')}`,
  ),
  surge: text('N', meaningAndDefault('updateConfig.surge')),
  'update-strategy': choice('updateConfig.updateStrategy'),
  force: flag('force'),
  'allow-downgrade': flag('allowDowngrade'),
  'drain-timeout-seconds': text('N', meaningAndDefault('drainTimeoutSeconds')),
  'cordon-wait-seconds': text('N', meaningAndDefault('cordonWaitSeconds')),
  'node-ready-timeout-seconds': text('N', meaningAndDefault('nodeReadyTimeoutSeconds')),
  alarm: repeatable('NAME', meaning('alarms')),
  node: repeatable('NAME', meaning('nodes')),
  'canary-nodes': text('N', meaning('canary.nodes')),
  'canary-bake-seconds': text('N', meaning('canary.bakeSeconds')),
  'failure-policy': choice('failurePolicy'),
  'blocked-nodes': choice('blockedNodes'),
  'pods-unmanaged': choice('pods.unmanaged'),
  'pods-local-storage': choice('pods.localStorage'),
  input: text('FILE|-', 'the execution input as a JSON object; other options override it'),
};
