import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseClusterInput } from '../../../domain/cluster/input.ts';
import { InvalidInput } from '../../../domain/errors.ts';

const INPUT = { clusterName: 'shop', nodegroups: 'all' };

describe('the input of a whole cluster', () => {
  it('takes one group after another and stops at the first failure, unless it says otherwise', () => {
    const { maxParallelNodegroups, onNodegroupFailure, dryRun } = parseClusterInput(INPUT);
    assert.deepEqual(
      { maxParallelNodegroups, onNodegroupFailure, dryRun },
      { maxParallelNodegroups: 1, onNodegroupFailure: 'stop', dryRun: false },
    );
  });

  it('takes a list of names, and the settings that mean the same for every group', () => {
    const input = {
      clusterName: 'shop',
      nodegroups: ['workers', 'batch nodes (old)'],
      maxParallelNodegroups: 40,
      onNodegroupFailure: 'continue',
      engine: 'workflow',
      target: { releaseVersion: '1.33.5-20260101' },
      updateConfig: { maxUnavailable: 2 },
      force: true,
      alarms: ['errors'],
      pods: { unmanaged: 'refuse' },
    };
    const parsed = parseClusterInput(input);
    assert.deepEqual(parsed.nodegroups, input.nodegroups);
    assert.deepEqual(parsed.pods, { unmanaged: 'refuse', localStorage: 'evict' });
  });

  const refused: [string, object, RegExp][] = [
    ['no cluster', { clusterName: undefined }, /"clusterName" must be a string, but is missing/],
    ['no groups', { nodegroups: undefined }, /"nodegroups" must be "all", or a list .*, but is missing/],
    ['an empty list', { nodegroups: [] }, /"nodegroups" must be at least 1 long, but is \[\]/],
    ['one name that is not in a list', { nodegroups: 'workers' }, /"nodegroups" must be "all", or a list/],
    ['a name twice', { nodegroups: ['a', 'b', 'a'] }, /"nodegroups" must have each name once, but is \["a","b","a"\]/],
    ['none in parallel', { maxParallelNodegroups: 0 }, /"maxParallelNodegroups" must be at least 1, but is 0/],
    ['more than an inline Map runs', { maxParallelNodegroups: 41 }, /"maxParallelNodegroups" must be at most 40/],
    ['half a group', { maxParallelNodegroups: 1.5 }, /"maxParallelNodegroups" must be a whole number/],
    [
      'another word for what a failure means',
      { onNodegroupFailure: 'stopp' },
      /"onNodegroupFailure" must be one of stop, continue \(did you mean stop\?\)/,
    ],
    ['an AMI for all groups', { target: { amiId: 'ami-0123456789abcdef0' } }, /unknown key "target.amiId"/],
    ['the engine that is the default where it can be', { engine: 'eks' }, /"engine" must be .*workflow/],
    ['a canary', { canary: { nodes: 1, bakeSeconds: 60 } }, /unknown key "canary"/],
    [
      'one group by its own key',
      { nodegroupName: 'workers' },
      /unknown key "nodegroupName": did you mean "nodegroups"/,
    ],
    ['a typo further in', { updateConfig: { maxUnavailble: 1 } }, /did you mean "maxUnavailable"\?/],
  ];
  for (const [title, change, sentence] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parseClusterInput({ ...INPUT, ...change }),
        (thrown: unknown) => thrown instanceof InvalidInput && sentence.test(thrown.message),
      );
    });
  }
});
