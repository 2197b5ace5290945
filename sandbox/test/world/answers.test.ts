import assert from 'node:assert/strict';
import { parseScenario } from '../../world/load-scenario.ts';
import type { ScenarioInput } from '../../world/scenario.ts';

type FaultInput = NonNullable<ScenarioInput['faults']>[number];

const world = (...faults: object[]) =>
  JSON.stringify({
    images: [{ id: 'ami-11111111', name: 'image' }],
    clusters: [
      {
        name: 'shop',
        groups: [
          { name: 'a', zones: ['eu-west-1a'], minSize: 1, maxSize: 2, desiredCapacity: 1, amiId: 'ami-11111111' },
        ],
      },
    ],
    faults,
  });

const parse = (...faults: object[]) => parseScenario(world(...faults), 'mine.yaml');

/** The shortest way to ask for each. */
const SHORTEST: readonly FaultInput[] = [
  { kind: 'staleAnswers', service: 'autoscaling', secondsAgo: 5 },
  { kind: 'rateLimit', service: 'autoscaling', perSecond: 5, burst: 10 },
  { kind: 'oddAnswer', action: 'GET pods', form: 'truncated' },
  { kind: 'staleLists', secondsAgo: 5 },
  { kind: 'denied', status: 401 },
  { kind: 'watchEnds', resource: 'pods' },
  { kind: 'evictionWebhook', name: 'drain.example.com' },
  { kind: 'evictionPolicy', name: 'keep', message: 'no' },
  { kind: 'apiServerAway', fromSeconds: 60, forSeconds: 30 },
];

describe('a late or odd answer in a scenario', () => {
  for (const fault of SHORTEST)
    it(`${fault.kind} can be asked for in few words`, () => {
      const [read] = parse(fault).faults;
      assert.equal(read?.kind, fault.kind);
    });

  const refused: readonly (readonly [why: string, fault: object, message: RegExp])[] = [
    ['a rate of 0', { kind: 'rateLimit', service: 'ec2', perSecond: 0, burst: 1 }, /perSecond/],
    ['a bucket that holds nothing', { kind: 'rateLimit', service: 'ec2', perSecond: 1, burst: 0 }, /burst/],
    ['a service that there is not', { kind: 'rateLimit', service: 's3', perSecond: 1, burst: 1 }, /service/],
    ['no age', { kind: 'staleAnswers', service: 'ec2', secondsAgo: 0 }, /secondsAgo/],
    ['a service that does not lag', { kind: 'staleAnswers', service: 'ssm', secondsAgo: 1 }, /service/],
    [
      "another service's action",
      { kind: 'staleAnswers', service: 'ec2', secondsAgo: 1, actions: ['DescribeAutoScalingGroups'] },
      /actions\[0\]/,
    ],
    [
      'a write that would be stale',
      { kind: 'staleAnswers', service: 'autoscaling', secondsAgo: 1, actions: ['SetDesiredCapacity'] },
      /actions\[0\]/,
    ],
    [
      'a spell that ends before it begins',
      { kind: 'denied', status: 403, fromSeconds: 10, untilSeconds: 10 },
      /untilSeconds must be later than fromSeconds/,
    ],
    ['a status that nobody is denied with', { kind: 'denied', status: 404 }, /status/],
    ['a verb that there is not', { kind: 'denied', status: 403, verbs: ['read'] }, /verbs\[0\]/],
    ['an action of neither API', { kind: 'oddAnswer', action: 'get pods', form: 'html' }, /METHOD resource/],
    [
      'half an answer of a server that was not reached',
      { kind: 'oddAnswer', action: 'GET pods', form: 'truncated', isCarriedOut: false },
      /isCarriedOut/,
    ],
    [
      'a webhook that hangs and gives a code',
      { kind: 'evictionWebhook', name: 'a', answer: 'hangs', code: 403 },
      /only a webhook that denies/,
    ],
    ['a webhook that denies with success', { kind: 'evictionWebhook', name: 'a', code: 200 }, /code/],
    ['a timeout that Kubernetes forbids', { kind: 'evictionWebhook', name: 'a', timeoutSeconds: 31 }, /timeoutSeconds/],
    ['a policy without words', { kind: 'evictionPolicy', name: 'a', message: '' }, /message/],
    ['an outage that takes no time', { kind: 'apiServerAway', fromSeconds: 1, forSeconds: 0 }, /forSeconds/],
    ['a cluster that there is not', { kind: 'staleLists', secondsAgo: 1, cluster: 'shpo' }, /no cluster shpo/],
    ['a resource in another form', { kind: 'watchEnds', resource: 'Pod' }, /plural name/],
  ];
  for (const [why, fault, message] of refused)
    it(`is refused when it asks for ${why}, with its place`, () => {
      assert.throws(
        () => parse(SHORTEST[0] as object, fault),
        ({ message: text }: Error) => message.test(text) && text.includes('faults[1]'),
      );
    });
});
