import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

const GROUP = {
  name: 'workers',
  zones: ['eu-west-1a'],
  minSize: 1,
  maxSize: 2,
  desiredCapacity: 1,
  amiId: 'ami-0123456789abcdef0',
};
const CLUSTER = { name: 'shop', groups: [GROUP] };
const images = [{ id: GROUP.amiId, name: 'image' }];

describe('command line: a scenario file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scenario-'));
  });
  after(() => rm(folder, { recursive: true }));

  const refused: readonly [title: string, scenario: unknown, sentence: RegExp][] = [
    ['that is empty', null, /: the file must be an object, but is null$/],
    ['without clusters', { clusters: [] }, /: "clusters" must be at least 1 long, but is \[\]$/],
    ['with an unknown key', { clutsers: [CLUSTER] }, /unknown key "clutsers": did you mean "clusters"\?$/],
    [
      'with an unknown key of a group',
      { images, clusters: [{ ...CLUSTER, groups: [{ ...GROUP, desiredCapcity: 3 }] }] },
      /: unknown key "clusters\.0\.groups\.0\.desiredCapcity": did you mean "desiredCapacity"\?$/,
    ],
    [
      'with an unknown key of a fault',
      { images, clusters: [CLUSTER], faults: [{ kind: 'lostResponse', action: 'A', tims: 2 }] },
      /: unknown key "faults\.0\.tims": did you mean "times"\?$/,
    ],
    [
      'with an unknown kind of fault',
      { clusters: [CLUSTER], faults: [{ kind: 'lostRespons' }] },
      /: "faults\.0\.kind" must be one of .*\(did you mean lostResponse\?\), but is "lostRespons"$/,
    ],
    [
      'with an account of another form',
      { images, clusters: [CLUSTER], accountId: '1' },
      /: "accountId" must be an account id of 12 digits, but is "1"$/,
    ],
    [
      'with an actor of a group that there is not',
      { images, clusters: [CLUSTER], actors: [{ kind: 'cordonNodes', group: 'worker', atSeconds: 1 }] },
      /: line 1: "actors\.0\.group": actor cordonNodes: there is no group worker, only workers$/,
    ],
  ];
  it('is refused with the line of the mistake', async () => {
    const file = join(folder, 'lines.yaml');
    await writeFile(
      file,
      'clusters:\n  - name: shop\n    groups: []\n    workloads:\n      - { kind: Pod, name: Web }\n',
    );
    const { stderr } = await run(['sandbox', '--scenario', file]);
    assert.match(stderr, /lines\.yaml is not a scenario: line 5: "clusters\.0\.workloads\.0\.name" must be/);
  });

  for (const [title, scenario, sentence] of refused) {
    it(`${title} is refused in one sentence, as an execution input is`, async () => {
      const file = join(folder, 'mine.yaml');
      await writeFile(file, JSON.stringify(scenario));
      const { exitCode, stderr } = await run(['sandbox', '--scenario', file]);
      assert.equal(exitCode, 2);
      assert.ok(stderr.startsWith(`eks-nodegroup-upgrade: ${file} is not a scenario: `), stderr);
      assert.match(stderr.trim(), sentence);
      assert.equal(stderr.trim().split('\n').length, 1);
    });
  }
});
