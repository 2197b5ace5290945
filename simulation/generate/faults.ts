import type { ScenarioInput } from 'eks-sandbox/scenario';
import type { Choices } from './choices.ts';
import type { Range } from './profiles.ts';
import { instant, some, spell, type TroubledWorld } from './troubled-world.ts';

export type Fault = NonNullable<ScenarioInput['faults']>[number];
type Make = (choices: Choices, world: TroubledWorld) => Fault;

const FUNCTIONS = [
  'planUpgrade',
  'acquireLock',
  'scaleUp',
  'checkNewNodes',
  'taintOutdatedNodes',
  'upgradeNodes',
  'drainNode',
  'cordonNode',
  'terminateInstance',
  'scaleDown',
  'completeUpgrade',
] as const;

/** Refusals that mean "later", with what they are answers to. */
const PASSING_REFUSALS: readonly (readonly [action: string, error: string])[] = [
  ['TerminateInstanceInAutoScalingGroup', 'ScalingActivityInProgress'],
  ['UpdateAutoScalingGroup', 'ScalingActivityInProgress'],
  ['DescribeAutoScalingGroups', 'InternalFailure'],
  ['DescribeInstances', 'InternalError'],
  ['StartExecution', 'ThrottlingException'],
  ['PATCH nodes', 'Conflict'],
  ['PATCH nodes', 'InternalError'],
  ['POST pods/eviction', 'InternalError'],
  ['GET nodes', 'Unauthorized'],
  ['PUT leases', 'Conflict'],
];

const call = (choices: Choices, world: TroubledWorld) => ({
  function: choices.one(FUNCTIONS),
  fromSeconds: choices.chance(0.5) ? 0 : instant(choices, world),
  fromCall: choices.between(1, 2),
  afterRequests: choices.between(0, 8),
});

const OF_AWS: readonly Make[] = [
  (choices, world) => ({
    kind: 'staleAnswers',
    service: 'autoscaling',
    secondsAgo: choices.between(2, 30),
    ...spell(choices, world, 900),
  }),
  (choices, world) => ({
    kind: 'staleAnswers',
    service: choices.one(['ec2', 'eks']),
    secondsAgo: choices.between(2, 30),
    ...spell(choices, world, 900),
  }),
  (choices, world) => ({
    kind: 'rateLimit',
    service: choices.one(['autoscaling', 'ec2', 'states', 'ssm']),
    perSecond: choices.one([0.2, 0.5, 2]),
    burst: choices.between(1, 4),
    ...spell(choices, world),
  }),
  (choices) => ({
    kind: 'throttle',
    action: choices.one(['DescribeAutoScalingGroups', 'TerminateInstanceInAutoScalingGroup', 'kubernetes']),
    everyNth: choices.between(3, 8),
  }),
  (choices, world) => {
    const [action, error] = choices.one(PASSING_REFUSALS);
    return { kind: 'fail', action, error, times: choices.between(1, 3), fromSeconds: instant(choices, world) };
  },
  (choices, world) => ({
    kind: 'oddAnswer',
    action: choices.one(['DescribeAutoScalingGroups', 'GET pods', 'GET nodes', 'POST pods/eviction', 'PATCH nodes']),
    form: choices.one(['truncated', 'brokenOff', 'html', 'otherKind', 'empty']),
    times: choices.between(1, 2),
    fromSeconds: instant(choices, world),
  }),
];

const OF_KUBERNETES: readonly Make[] = [
  (choices, world) => ({ kind: 'staleLists', secondsAgo: choices.between(2, 30), ...spell(choices, world, 900) }),
  (choices, world) => ({ kind: 'denied', status: choices.one([401, 403] as const), ...spell(choices, world, 60) }),
  (choices, world) => ({
    kind: 'watchEnds',
    resource: choices.one(['nodes', 'pods']),
    sends: choices.one(['nothing', 'news', 'bookmark']),
    afterSeconds: choices.one([0.02, 2]),
    ...spell(choices, world, 120),
  }),
  (choices, world) => ({
    kind: 'evictionWebhook',
    name: 'guard.example.com',
    ...(choices.chance(0.5) && { matchLabels: { app: choices.one(['web', 'api', 'db']) } }),
    answer: choices.one(['denies', 'fails', 'hangs']),
    ...spell(choices, world, 600),
  }),
  (choices, world) => ({
    kind: 'evictionPolicy',
    name: 'no-evictions',
    matchLabels: { app: choices.one(['web', 'api', 'db']) },
    message: 'not now',
    ...spell(choices, world, 600),
  }),
  (choices, world) => ({
    kind: 'apiServerAway',
    fromSeconds: instant(choices, world),
    forSeconds: choices.between(5, 60),
    forbiddenAnswers: choices.one([0, 3]),
  }),
];

const OF_FUNCTIONS: readonly Make[] = [
  (choices, world) => ({ kind: 'functionCrashes', ...call(choices, world) }),
  (choices, world) => ({ kind: 'functionTimesOut', ...call(choices, world), afterSeconds: choices.between(10, 60) }),
  (choices, world) => ({ kind: 'functionFreezes', ...call(choices, world), forSeconds: choices.between(30, 400) }),
  (choices, world) => ({
    kind: 'functionAsleep',
    function: choices.one(FUNCTIONS),
    fromSeconds: choices.chance(0.7) ? 0 : instant(choices, world),
    wakesAfterSeconds: choices.between(15, 90),
  }),
  (choices, world) => ({ kind: 'staleExecutions', secondsAgo: choices.between(2, 60), ...spell(choices, world, 900) }),
  (choices, world) => ({ kind: 'loseEvents', ...spell(choices, world, 900) }),
  (choices, world) => ({ kind: 'iamDenies', action: 'states:StartExecution', ...spell(choices, world, 120) }),
];

/** What goes wrong by itself. */
export const faults = (choices: Choices, range: Range, world: TroubledWorld): Fault[] =>
  some(choices, range, (each) => each.one(each.one([OF_AWS, OF_KUBERNETES, OF_FUNCTIONS]))(each, world));
