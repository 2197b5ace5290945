import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type {
  ClusterPlan,
  NodegroupPlan,
  NodegroupResult,
  NodegroupSelection,
} from '../../../domain/cluster/cluster.ts';
import { completeCluster } from '../../../domain/cluster/completion.ts';
import { selectNodegroups } from '../../../domain/cluster/selection.ts';
import { EXECUTION_ARN } from '../builders.ts';

const aGroup = (name: string, more: Partial<NodegroupPlan> = {}): NodegroupPlan => ({
  name,
  kind: 'self-managed',
  engine: 'workflow',
  status: 'outdated',
  executionName: `${name}-of-tuesday`,
  nodes: { total: 3, outdated: 3 },
  durationSeconds: 600,
  blockingPodCount: 0,
  blockingPods: [],
  settingsNotPassedOn: [],
  warnings: [],
  ...more,
});

const aPlan = (groups: NodegroupPlan[], run: Partial<ClusterPlan['run']> = {}): ClusterPlan => ({
  status: 'planned',
  isDryRun: false,
  summary: '',
  run: {
    executionArn: EXECUTION_ARN,
    executionName: 'tuesday',
    startedAt: '2026-01-15T12:00:00.000Z',
    clusterName: 'shop',
    maxParallelNodegroups: 1,
    onNodegroupFailure: 'stop',
    settings: {},
    ...run,
  },
  kubernetesVersion: '1.33',
  groups,
  outOfScope: [],
  durationSeconds: 0,
  warnings: [],
});

const aSelection = (more: Partial<NodegroupSelection> = {}): NodegroupSelection => ({
  status: 'pending',
  number: 0,
  nodegroups: [],
  ends: [],
  results: [],
  ...more,
});

const done = (name: string, planStatus = 'planned'): NodegroupResult => ({ name, outcome: 'succeeded', planStatus });
const failed = (name: string, error = 'PodEvictionFailure', reason = 'shop/a is blocked.'): NodegroupResult => ({
  name,
  outcome: 'failed',
  error,
  reason,
});

const [a, b, c] = [aGroup('a'), aGroup('b'), aGroup('c')];
const renewed = aGroup('renewed', { status: 'onTarget' });
const refused = aGroup('refused', { status: 'refused', error: 'UnsupportedNodegroup', reason: 'has a warm pool' });

describe('the groups that are upgraded next', () => {
  type Row = [title: string, plan: ClusterPlan, selection: NodegroupSelection, expected: string[]];
  const rows: Row[] = [
    ['the first', aPlan([a, b]), aSelection(), ['a']],
    ['as many as may run in parallel', aPlan([a, b, c], { maxParallelNodegroups: 2 }), aSelection(), ['a', 'b']],
    [
      'the next ones',
      aPlan([a, b, c], { maxParallelNodegroups: 2 }),
      aSelection({ results: [done('a'), done('b')] }),
      ['c'],
    ],
    ['none that is on the target or refused', aPlan([renewed, refused, c]), aSelection(), ['c']],
    ['none twice', aPlan([a, b]), aSelection({ ends: [done('a')], results: [done('b')] }), []],
    ['none after a failure', aPlan([a, b]), aSelection({ results: [failed('a')] }), []],
    ['none after an earlier failure', aPlan([a, b, c]), aSelection({ ends: [failed('a')], results: [done('b')] }), []],
    [
      'the others after a failure when asked to go on',
      aPlan([a, b], { onNodegroupFailure: 'continue' }),
      aSelection({ results: [failed('a')] }),
      ['b'],
    ],
  ];
  for (const [title, plan, selection, expected] of rows) {
    it(`are ${title}`, () => {
      const next = selectNodegroups({ plan, selection });
      assert.deepEqual(
        next.nodegroups.map(({ name }) => name),
        expected,
      );
      assert.equal(next.status, expected.length === 0 ? 'done' : 'selected');
      assert.deepEqual(next.ends, [...selection.ends, ...selection.results], 'what ended is kept');
    });
  }

  it('get only the settings that their engine accepts', () => {
    const settings = { force: true, drainTimeoutSeconds: 60, updateConfig: { maxUnavailable: 2 } };
    const managed = aGroup('m', { kind: 'managed', engine: 'eks' });
    const asked = aGroup('w', { kind: 'managed' });
    const plan = aPlan([managed, asked, a], { settings, maxParallelNodegroups: 3 });
    const by = { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: EXECUTION_ARN };
    assert.deepEqual(
      selectNodegroups({ plan, selection: aSelection() }).nodegroups.map(({ input }) => input),
      [
        { clusterName: 'shop', nodegroupName: 'm', force: true, ...by },
        { clusterName: 'shop', nodegroupName: 'w', engine: 'workflow', ...settings, ...by },
        { clusterName: 'shop', autoScalingGroupName: 'a', ...settings, ...by },
      ],
    );
  });
});

describe('the end of a run of a cluster', () => {
  const end = (plan: ClusterPlan, results: NodegroupResult[]) =>
    completeCluster({ plan, selection: aSelection({ status: 'done', ends: results }) });

  it('is a success when every group is on the target', () => {
    const { status, summary, error } = end(aPlan([a, renewed, b]), [done('a'), done('b', 'nothingToDo')]);
    assert.deepEqual({ status, error }, { status: 'succeeded', error: undefined });
    assert.equal(summary, '3 node groups of shop: 1 upgraded, 2 on the target already');
  });

  it('carries the error of the group that failed first, not of the first in the plan', () => {
    const plan = aPlan([refused, a, b], { onNodegroupFailure: 'continue', maxParallelNodegroups: 2 });
    const { error, cause } = end(plan, [done('a'), failed('b', 'NodeCreationFailure', 'no capacity')]);
    assert.equal(error, 'NodeCreationFailure');
    assert.equal(
      cause,
      '3 node groups of shop: 1 upgraded, 1 failed, 1 refused. b: failed (NodeCreationFailure: no capacity). refused: refused (UnsupportedNodegroup: has a warm pool). a: upgraded. To continue, start an execution with the same input: groups on the target are left alone.',
    );
  });

  it('says which groups were not begun', () => {
    const { nodegroups, cause } = end(aPlan([a, b, c]), [failed('a')]);
    assert.deepEqual(
      nodegroups.map(({ outcome }) => outcome),
      ['failed', 'notStarted', 'notStarted'],
    );
    assert.match(cause ?? '', /b: not started \(a group before it failed\)/);
  });

  it('keeps within the cause that Step Functions stores, and says how to go on, with a hundred long reasons', () => {
    const groups = Array.from({ length: 100 }, (_, index) => aGroup(`${'long-name-'.repeat(20)}${index}`));
    const results = groups.map(({ name }) => failed(name, 'PodEvictionFailure', 'x'.repeat(500)));
    const { cause = '' } = end(aPlan(groups, { onNodegroupFailure: 'continue' }), results);
    assert.ok(cause.length <= 32_000, `${cause.length} characters`);
    assert.match(cause, /left alone\.$/);
  });
});
