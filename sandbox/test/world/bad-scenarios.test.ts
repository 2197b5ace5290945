import assert from 'node:assert/strict';
import { parseScenario } from '../../world/load-scenario.ts';

/** A sound scenario, a key a line, so that each mistake has a line of its own. */
const SOUND = `
images:
  - id: ami-0aaaaaaaa
    name: image
clusters:
  - name: shop
    groups:
      - name: workers
        zones:
          - eu-west-1a
        minSize: 1
        maxSize: 3
        desiredCapacity: 2
        amiId: ami-0aaaaaaaa
        labels:
          team: a
        taints:
          - key: dedicated
            effect: NoSchedule
        tags:
          owner: me
        suspendedProcesses:
          - AZRebalance
        instanceType: m6i.xlarge
        renewedNodes: 0
    workloads:
      - kind: Deployment
        name: web
        namespace: default
        cpu: 100m
        nodeSelector:
          team: a
    otherNodes:
      - kind: plain
        zone: eu-west-1b
faults:
  - kind: insufficientCapacity
    zone: eu-west-1a
    fromSeconds: 10
    untilSeconds: 20
  - kind: throttle
    action: DescribeInstances
    everyNth: 2
  - kind: spotInterruption
    group: workers
    atSeconds: 5
actors:
  - kind: cordonNodes
    group: workers
    atSeconds: 30
    number: 2
  - kind: deleteLease
    cluster: shop
    namespace: default
    name: lock
    atSeconds: 1
  - kind: scheduleSizes
    group: workers
    name: evening
    atSeconds: 1
    recurrence: 0 22 * * *
    desiredCapacity: 1
  - kind: setSizes
    group: workers
    atSeconds: 1
    maxSize: 9
`;

/** What somebody wrote instead of a line of the sound scenario, and the answer: what was expected. */
const MISTAKES: readonly (readonly [title: string, line: string, instead: string, answer: RegExp])[] = [
  [
    '#54 a label key that Kubernetes forbids',
    '          team: a',
    '          "my team": a',
    /labels\["my team"\]: .*name part must consist of/,
  ],
  [
    '#54 a label value that Kubernetes forbids',
    '          team: a',
    '          team: a!',
    /labels\.team: Invalid value: "a!": a valid label/,
  ],
  ['a label that is too long', '          team: a', `          team: ${'a'.repeat(64)}`, /no more than 63 characters/],
  ['a taint that Kubernetes forbids', 'key: dedicated', 'key: /dedicated', /taints\[0\]\.key: .*prefix part/],
  ['a taint without a known effect', 'effect: NoSchedule', 'effect: No', /expected one of "NoSchedule"/],
  ['a tag that AWS keeps for itself', 'owner: me', 'aws:owner: me', /tags\["aws:owner"\]: .*reserved/],
  ['a zone of another region', '- eu-west-1a', '- us-east-1a', /zones\[0\]: there is no zone us-east-1a in eu-west-1/],
  [
    'an other node in a zone that is not there',
    'zone: eu-west-1b',
    'zone: eu-west-1',
    /otherNodes\[0\]\.zone: there is no zone/,
  ],
  ['a minimum above the maximum', 'minSize: 1', 'minSize: 4', /minSize: expected at most maxSize \(3\), not 4/],
  [
    'more nodes than the maximum',
    'desiredCapacity: 2',
    'desiredCapacity: 7',
    /expected between minSize \(1\) and maxSize \(3\), not 7/,
  ],
  [
    'an AMI that is not there',
    'amiId: ami-0aaaaaaaa',
    'amiId: ami-0bbbbbbbb',
    /images has no ami-0bbbbbbbb, only ami-0aaaaaaaa/,
  ],
  ['an instance type that is not there', 'm6i.xlarge', 'm6x.xlarge', /there is no instance type m6x\.xlarge/],
  [
    'more renewed nodes than there are',
    'renewedNodes: 0',
    'renewedNodes: 3',
    /renewedNodes: expected at most desiredCapacity/,
  ],
  [
    'a scaling process that is not there',
    '- AZRebalance',
    '- Rebalance',
    /there is no scaling process Rebalance, only Launch/,
  ],
  ['a name that Kubernetes forbids', 'name: web', 'name: Web', /workloads\[0\]\.name: lower case letters/],
  ['a quantity that is none', 'cpu: 100m', 'cpu: lots', /"lots" is not a quantity such as 100m/],
  [
    'a fault in a zone without a group',
    'zone: eu-west-1a',
    'zone: eu-west-1c',
    /fault insufficientCapacity: there is no zone eu-west-1c, only eu-west-1a/,
  ],
  [
    'a spell that ends before it begins',
    'untilSeconds: 20',
    'untilSeconds: 10',
    /untilSeconds must be later than fromSeconds/,
  ],
  ['a rate of 0', 'everyNth: 2', 'everyNth: 0', /everyNth: Too small: expected number to be >=2/],
  ['an instant before the start', 'atSeconds: 5', 'atSeconds: -5', /atSeconds: Too small: expected number to be >=0/],
  [
    'a kind of actor that there is not',
    'kind: cordonNodes',
    'kind: cordonNode',
    /Unknown kind; expected one of setSizes, .*cordonNodes/,
  ],
  [
    'a node that the group does not start with',
    'number: 2',
    'number: 3',
    /there is no node 3: the group workers starts with 2/,
  ],
  [
    'a cluster that is not there',
    'cluster: shop',
    'cluster: shep',
    /actor deleteLease: there is no cluster shep, only shop/,
  ],
  [
    'a recurrence that is none',
    'recurrence: 0 22 * * *',
    'recurrence: daily',
    /recurrence: expected five fields such as "0 22 \* \* 1-5"/,
  ],
  ['sizes that are not given', '    maxSize: 9', '', /actors\[3\]: expected at least one of minSize/],
  [
    'a key that there is not',
    'number: 2',
    'numbr: 2',
    /Unrecognized key: "numbr"; expected one of kind, atSeconds, group/,
  ],
];

describe('a scenario that asks for what cannot be', () => {
  it('is sound before the mistake', () => assert.equal(parseScenario(SOUND, 'mine.yaml').actors.length, 4));

  for (const [title, line, instead, answer] of MISTAKES)
    it(`is refused with the line of ${title}`, () => {
      const at = SOUND.indexOf(line);
      assert.ok(at >= 0);
      const text = SOUND.slice(0, at) + instead + SOUND.slice(at + line.length);
      const lineNumber = SOUND.slice(0, at + line.length - line.trimStart().length).split('\n').length;
      assert.throws(
        () => parseScenario(text, 'mine.yaml'),
        ({ message }: Error) => {
          assert.match(message, /^mine\.yaml is not a scenario:\n/);
          assert.match(message, answer);
          const expected = instead === '' ? /line \d+/ : new RegExp(`line ${lineNumber}: `);
          assert.match(message, expected);
          return true;
        },
      );
    });

  const doubled = (name: string) =>
    SOUND.replace(
      '    groups:\n',
      `    groups:\n      - { name: ${name}, zones: [eu-west-1a], minSize: 0, maxSize: 1, desiredCapacity: 0, amiId: ami-0aaaaaaaa }\n`,
    );

  it('is refused when two groups have one name', () => {
    assert.equal(parseScenario(doubled('others'), 'mine.yaml').clusters[0]?.groups.length, 2);
    assert.throws(() => parseScenario(doubled('workers'), 'mine.yaml'), /line 9: .*there are two groups named workers/);
  });

  it('is refused with every mistake at once', () => {
    const text = SOUND.replace('everyNth: 2', 'everyNth: 0').replace('cpu: 100m', 'cpu: lots');
    assert.throws(
      () => parseScenario(text, 'mine.yaml'),
      ({ message }: Error) => message.split('\n').length === 3,
    );
  });
});
