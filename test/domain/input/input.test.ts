import assert from 'node:assert/strict';
import { InvalidInput } from '../../../domain/errors.ts';
import { parseInput } from '../../../domain/input/input.ts';

/** The least that is a whole input. */
const INPUT = { clusterName: 'production', autoScalingGroupName: 'workers' };
const GROUP_NAMES =
  'the input must have exactly one of nodegroupName (EKS managed node group) and autoScalingGroupName (self-managed nodes)';
const AMI = 'ami-0123456789abcdef0';
const ONE_TARGET = 'exactly one of amiId, releaseVersion, launchTemplateVersion, ssmParameter';

function refusal(input: unknown): string {
  try {
    parseInput(input);
  } catch (error) {
    assert.ok(error instanceof InvalidInput, `${error} is an InvalidInput`);
    return error.message;
  }
  return assert.fail('the input was accepted');
}

describe('parseInput refuses, naming the key, what was expected and what was given:', () => {
  const cases: [title: string, input: unknown, sentence: string][] = [
    ['an input that is a text', 'workers', 'the input must be an object, but is "workers"'],
    ['an input that is null', null, 'the input must be an object, but is null'],
    ['no input at all', undefined, 'the input must be an object, but is missing'],
    ['an input that is a list', [], 'the input must be an object, but is []'],

    ['a misspelt key', { ...INPUT, clusterNme: 'x' }, 'unknown key "clusterNme": did you mean "clusterName"?'],
    [
      'a misspelt key inside updateConfig',
      { ...INPUT, updateConfig: { maxUnavailible: 1 } },
      'unknown key "updateConfig.maxUnavailible": did you mean "maxUnavailable"?',
    ],
    [
      'a misspelt key inside canary',
      { ...INPUT, canary: { nodes: 1, bakeSeconds: 60, bakeSecond: 60 } },
      'unknown key "canary.bakeSecond": did you mean "bakeSeconds"?',
    ],
    [
      'a key that resembles no other, with the known ones',
      { ...INPUT, pods: { unmanaged: 'evict', finalizers: 'ignore' } },
      'unknown key "pods.finalizers": the known keys are unmanaged, localStorage',
    ],
    [
      'two unknown keys, both named',
      { ...INPUT, forse: true, alarm: [] },
      'unknown key "forse": did you mean "force"?; unknown key "alarm": did you mean "alarms"?',
    ],
    [
      'a key that is only the name of a method of every object',
      { ...INPUT, pods: { valueOf: 'evict' } },
      'unknown key "pods.valueOf": the known keys are unmanaged, localStorage',
    ],

    ['no cluster', { autoScalingGroupName: 'workers' }, '"clusterName" must be a string, but is missing'],
    ['a cluster name of another type', { ...INPUT, clusterName: 7 }, '"clusterName" must be a string, but is 7'],
    [
      'a cluster name that EKS does not allow',
      { ...INPUT, clusterName: '-a' },
      '"clusterName" must be the name of an EKS cluster, but is "-a"',
    ],
    [
      'a cluster name with a path in it',
      { ...INPUT, clusterName: 'a/../b' },
      '"clusterName" must be the name of an EKS cluster, but is "a/../b"',
    ],

    ['neither group name', { clusterName: 'production' }, `${GROUP_NAMES}, but is {"clusterName":"production"}`],
    [
      'both group names, with what was given cut short',
      { clusterName: 'c', nodegroupName: 'n', autoScalingGroupName: 'a' },
      `${GROUP_NAMES}, but is {"clusterName":"c","nodegroupName":"n","autoScalingGroupN...`,
    ],
    [
      'a missing group name together with the other faults, in one go',
      { clusterName: 7 },
      `"clusterName" must be a string, but is 7; ${GROUP_NAMES}, but is {"clusterName":7}`,
    ],
    [
      'an empty group name',
      { clusterName: 'c', autoScalingGroupName: '' },
      '"autoScalingGroupName" must be at least 1 long, but is ""',
    ],
    [
      'a node group name longer than EKS allows, cut short in the sentence',
      { clusterName: 'c', nodegroupName: 'n'.repeat(64) },
      `"nodegroupName" must be at most 63 long, but is "${'n'.repeat(56)}...`,
    ],

    ['a target without a name', { ...INPUT, target: {} }, `"target" must have ${ONE_TARGET}, but is {}`],
    [
      'a target whose only name is left undefined by a program',
      { ...INPUT, target: { amiId: undefined } },
      `"target" must have ${ONE_TARGET}, but is {}`,
    ],
    [
      'two targets at once',
      { ...INPUT, target: { amiId: AMI, releaseVersion: '1' } },
      `"target" must have ${ONE_TARGET}, but is {"amiId":"${AMI}","releaseVersion":"1"}`,
    ],
    ['a target that is only a text', { ...INPUT, target: AMI }, `"target" must be an object, but is "${AMI}"`],
    [
      'a malformed AMI id',
      { ...INPUT, target: { amiId: 'ami-latest' } },
      '"target.amiId" must be an AMI id such as ami-0123456789abcdef0, but is "ami-latest"',
    ],
    [
      'a template version that is not the number of one',
      { ...INPUT, target: { launchTemplateVersion: '$Latest' } },
      '"target.launchTemplateVersion" must be the number of a template version, as a string, such as "7", but is "$Latest"',
    ],
    [
      'a template version as a number, which EC2 writes as a string',
      { ...INPUT, target: { launchTemplateVersion: 7 } },
      '"target.launchTemplateVersion" must be a string, but is 7',
    ],
    [
      'a parameter name that is not a full one',
      { ...INPUT, target: { ssmParameter: 'golden-ami' } },
      '"target.ssmParameter" must be the full name of an SSM parameter, starting with /, but is "golden-ami"',
    ],
    [
      'an empty release version',
      { ...INPUT, target: { releaseVersion: '' } },
      '"target.releaseVersion" must be at least 1 long, but is ""',
    ],

    [
      'no node in parallel',
      { ...INPUT, updateConfig: { maxUnavailable: 0 } },
      '"updateConfig.maxUnavailable" must be at least 1, but is 0',
    ],
    [
      'a percentage above 100',
      { ...INPUT, updateConfig: { maxUnavailablePercentage: 101 } },
      '"updateConfig.maxUnavailablePercentage" must be at most 100, but is 101',
    ],
    [
      'half a node',
      { ...INPUT, updateConfig: { maxUnavailable: 1.5 } },
      '"updateConfig.maxUnavailable" must be a whole number, but is 1.5',
    ],
    [
      'a number written as a text',
      { ...INPUT, updateConfig: { maxUnavailable: '2' } },
      '"updateConfig.maxUnavailable" must be a number, but is "2"',
    ],
    [
      'a percentage of 0',
      { ...INPUT, updateConfig: { maxUnavailablePercentage: 0 } },
      '"updateConfig.maxUnavailablePercentage" must be at least 1, but is 0',
    ],
    [
      'a percentage above 100',
      { ...INPUT, updateConfig: { maxUnavailablePercentage: 101 } },
      '"updateConfig.maxUnavailablePercentage" must be at most 100, but is 101',
    ],
    [
      'a percentage with its sign',
      { ...INPUT, updateConfig: { maxUnavailablePercentage: '33%' } },
      '"updateConfig.maxUnavailablePercentage" must be a number, but is "33%"',
    ],
    [
      'a number and a percentage at once',
      { ...INPUT, updateConfig: { maxUnavailable: 2, maxUnavailablePercentage: 5 } },
      '"updateConfig" must have either maxUnavailable or maxUnavailablePercentage, but is {"maxUnavailable":2,"maxUnavailablePercentage":5}',
    ],
    ['a surge of 0', { ...INPUT, updateConfig: { surge: 0 } }, '"updateConfig.surge" must be at least 1, but is 0'],
    [
      'a strategy that EKS does not have, with the one it resembles',
      { ...INPUT, updateConfig: { updateStrategy: 'MINIMUM' } },
      '"updateConfig.updateStrategy" must be one of DEFAULT, MINIMAL (did you mean MINIMAL?), but is "MINIMUM"',
    ],

    [
      'an engine that does not exist',
      { ...INPUT, engine: 'ansible' },
      '"engine" must be one of workflow, eks, but is "ansible"',
    ],
    ['force as a text', { ...INPUT, force: 'true' }, '"force" must be true or false, but is "true"'],
    ['a dry run as a number', { ...INPUT, dryRun: 1 }, '"dryRun" must be true or false, but is 1'],
    [
      'no time at all to drain',
      { ...INPUT, drainTimeoutSeconds: 0 },
      '"drainTimeoutSeconds" must be at least 1, but is 0',
    ],
    [
      'more than a day to drain',
      { ...INPUT, drainTimeoutSeconds: 86_401 },
      '"drainTimeoutSeconds" must be at most 86400, but is 86401',
    ],
    [
      'a negative cordon wait',
      { ...INPUT, cordonWaitSeconds: -1 },
      '"cordonWaitSeconds" must be at least 0, but is -1',
    ],
    [
      'no time at all to become Ready',
      { ...INPUT, nodeReadyTimeoutSeconds: 0 },
      '"nodeReadyTimeoutSeconds" must be at least 1, but is 0',
    ],
    ['one alarm instead of a list', { ...INPUT, alarms: 'errors' }, '"alarms" must be a list, but is "errors"'],
    ['an alarm without a name', { ...INPUT, alarms: ['errors', ''] }, '"alarms.1" must be at least 1 long, but is ""'],
    [
      'a canary without a bake time',
      { ...INPUT, canary: { nodes: 1 } },
      '"canary.bakeSeconds" must be a number, but is missing',
    ],
    ['a list of no nodes', { ...INPUT, nodes: [] }, '"nodes" must be at least 1 long, but is []'],
    [
      'a node that is named twice',
      { ...INPUT, nodes: ['a', 'a'] },
      '"nodes" must have each node once, but is ["a","a"]',
    ],
    [
      'an unknown fate of blocked nodes',
      { ...INPUT, blockedNodes: 'delete' },
      '"blockedNodes" must be one of reopen, leaveCordoned, but is "delete"',
    ],
    [
      'a canary of no nodes',
      { ...INPUT, canary: { nodes: 0, bakeSeconds: 60 } },
      '"canary.nodes" must be at least 1, but is 0',
    ],
    [
      'a policy for pods that does not exist',
      { ...INPUT, pods: { localStorage: 'refusee' } },
      '"pods.localStorage" must be one of evict, refuse (did you mean refuse?), but is "refusee"',
    ],
    [
      'a failure policy that is null',
      { ...INPUT, failurePolicy: null },
      '"failurePolicy" must be one of finish, halt, but is null',
    ],
  ];
  for (const [title, input, sentence] of cases) {
    it(title, () => assert.equal(refusal(input), sentence));
  }

  it('a misspelt AMI type, with the one that was meant', () => {
    const sentence = refusal({ ...INPUT, amiType: 'AL2023_x86_64_STANDART' });
    assert.match(sentence, /^"amiType" must be one of AL2_x86_64, .*\(did you mean AL2023_x86_64_STANDARD\?\)/);
    assert.match(sentence, /, but is "AL2023_x86_64_STANDART"$/);
  });
});

describe('parseInput', () => {
  it('fills in the defaults of the documentation', () => {
    assert.deepEqual(parseInput(INPUT), {
      ...INPUT,
      updateConfig: {},
      force: false,
      drainTimeoutSeconds: 900,
      cordonWaitSeconds: 60,
      nodeReadyTimeoutSeconds: 900,
      alarms: [],
      allowDowngrade: false,
      blockedNodes: 'reopen',
      pods: { unmanaged: 'evict', localStorage: 'evict' },
      dryRun: false,
    });
  });

  it('fills in one policy for pods when only the other is given', () => {
    assert.deepEqual(parseInput({ ...INPUT, pods: { unmanaged: 'refuse' } }).pods, {
      unmanaged: 'refuse',
      localStorage: 'evict',
    });
  });

  it('keeps everything that is given, as it was given', () => {
    const given = {
      clusterName: 'production',
      nodegroupName: 'workers',
      engine: 'eks',
      target: { amiId: AMI },
      amiType: 'BOTTLEROCKET_ARM_64',
      updateConfig: { maxUnavailablePercentage: 33, updateStrategy: 'MINIMAL', surge: 4 },
      force: true,
      allowDowngrade: true,
      drainTimeoutSeconds: 86_400,
      cordonWaitSeconds: 0,
      nodeReadyTimeoutSeconds: 1,
      alarms: ['errors'],
      nodes: ['i-0123456789abcdef0', 'ip-10-0-1-1.eu-west-1.compute.internal'],
      canary: { nodes: 2, bakeSeconds: 0 },
      failurePolicy: 'halt',
      blockedNodes: 'leaveCordoned',
      pods: { unmanaged: 'refuse', localStorage: 'refuse' },
      dryRun: true,
    };
    assert.deepEqual(parseInput(given), given);
  });

  const targets: [title: string, target: object][] = [
    ['an AMI', { amiId: AMI }],
    ['an AMI with an id of the old, short form', { amiId: 'ami-01234567' }],
    ['a release version', { releaseVersion: '1.33.5-20260101' }],
    ['a version of the launch template', { launchTemplateVersion: '7' }],
    ['an SSM parameter', { ssmParameter: '/platform/golden-ami/1.33' }],
  ];
  for (const [title, target] of targets) {
    it(`accepts as target ${title}`, () => assert.deepEqual(parseInput({ ...INPUT, target }).target, target));
  }
});
