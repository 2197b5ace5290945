import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findBlockingPods, findStuckPods } from '../../../domain/drain/planned-blocking-pods.ts';
import { admissionNote, refusedDryRuns } from '../../../domain/plan/admission.ts';
import type { PlanFacts } from '../../../domain/plan/facts.ts';
import { suits } from '../../../domain/plan/places.ts';
import { fitNowhereElse, loneReplicas } from '../../../domain/plan/pod-warnings.ts';
import type { Budget, EvictionOutcome, Pod } from '../../../domain/types.ts';
import { aBudget, aGroup, aGroupNode, aNode, aPod, aTerminatingPod, NOW_AT } from '../builders.ts';

const SETTINGS = { drainTimeoutSeconds: 900, pods: { unmanaged: 'refuse', localStorage: 'evict' } } as const;
const BUDGETS = [aBudget({ disruptionsAllowed: 0 }), aBudget({ name: 'second', disruptionsAllowed: 0 })];

describe('#41 the plan sees of a pod that', () => {
  it('has not started, or is stopping: nobody asks its budgets, not even two of them', () => {
    const pods = [aPod({ phase: 'Pending', isReady: false }), aTerminatingPod('2026-01-15T12:00:20Z')];
    assert.deepEqual(findBlockingPods(pods, BUDGETS, SETTINGS), []);
    assert.equal(findBlockingPods([aPod()], BUDGETS, SETTINGS)[0]?.reason, 'moreThanOneBudget');
  });

  const nodeName = aPod().nodeName ?? '';
  const stuck: [title: string, pod: Pod, readyNodes: readonly string[], isStuck: boolean][] = [
    ['should have stopped long ago: it will block', aTerminatingPod('2026-01-15T11:40:00Z'), [nodeName], true],
    ['is stopping in time: nothing', aTerminatingPod('2026-01-15T12:00:20Z'), [nodeName], false],
    ['is on a node that is not Ready: it counts as gone', aTerminatingPod('2026-01-15T11:40:00Z'), [], false],
    ['nobody has asked to stop: nothing', aPod(), [nodeName], false],
  ];
  for (const [title, pod, readyNodes, isStuck] of stuck) {
    it(title, () => {
      const found = findStuckPods([pod], new Set(readyNodes), NOW_AT);
      assert.deepEqual(
        found.map(({ reason }) => reason),
        isStuck ? ['terminating'] : [],
      );
    });
  }
});

describe('#41 the plan warns of a workload with one pod', () => {
  const facts = (pods: readonly Pod[]) => ({ pods, budgets: [] as Budget[] }) as unknown as PlanFacts;

  it('which is away while that pod moves', () =>
    assert.equal(
      loneReplicas(facts([aPod()]), [aPod()]),
      '1 workload with one pod will be away until that pod is Ready elsewhere: shop/Deployment checkout',
    ));

  for (const [title, others, moving] of [
    ['has another pod', [aPod({ uid: 'second', nodeName: 'elsewhere' })], aPod()],
    ['is away already', [], aPod({ isReady: false })],
    ['is a Job, whose pods come one by one', [], aPod({ owner: { kind: 'Job', name: 'etl', uid: 'etl' } })],
  ] as const) {
    it(`not of one that ${title}`, () => assert.equal(loneReplicas(facts([...others, moving]), [moving]), false));
  }

  it('not of one whose budget keeps that pod: it is named among those that block', () =>
    assert.equal(loneReplicas({ ...facts([aPod()]), budgets: [aBudget({ disruptionsAllowed: 0 })] }, [aPod()]), false));
});

describe('#41 the plan warns of a pod that fits nowhere else', () => {
  const labels = { 'kubernetes.io/hostname': 'ip-1', team: 'shop', 'topology.kubernetes.io/zone': 'eu-west-1a' };
  const old = (index: number, more: Record<string, string> = {}) =>
    aGroupNode({
      instanceId: `i-${index}`,
      node: aNode({ name: `node-${index}`, labels: { ...labels, 'kubernetes.io/hostname': `ip-${index}`, ...more } }),
    });
  const members = [old(1), old(2, { disk: 'fast' })];
  const nodes = [...members.flatMap(({ node }) => node ?? []), aNode({ name: 'other', labels: { pool: 'gpu' } })];
  const facts = { members, nodes, group: aGroup() } as unknown as PlanFacts;
  const term = (key: string, operator: string, values?: string[]) => ({
    nodeTerms: [{ requirements: [{ key, operator, ...(values !== undefined && { values }) }] }],
  });

  const rows: [title: string, pod: Partial<Pod>, fits: boolean][] = [
    ['names its node', { nodeSelector: { 'kubernetes.io/hostname': 'ip-1' } }, false],
    ['wants a label that somebody has put on one node', { nodeSelector: { disk: 'fast' } }, false],
    ['wants a node that goes by name', term('metadata.name', 'In', ['node-1']), false],
    ['selects nothing', {}, true],
    ['wants what all nodes of the group have', { nodeSelector: { team: 'shop' } }, true],
    ['wants another zone of the group', { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-west-1c' } }, true],
    ['suits a node that stays', { nodeSelector: { pool: 'gpu' } }, true],
    ['wants a node that stays by name', term('metadata.name', 'In', ['other']), true],
    ['avoids a label', term('disk', 'DoesNotExist'), true],
  ];
  for (const [title, overrides, fits] of rows) {
    it(`${fits ? 'not of one that' : 'which'} ${title}`, () => {
      const warning = fitNowhereElse(facts, [aPod(overrides)]);
      if (fits) assert.equal(warning, false);
      else assert.match(String(warning), /^1 pod will stay Pending after eviction, .*: shop\/checkout-/);
    });
  }

  it('by every operator of a node affinity', () => {
    const met = (operator: string, values?: string[]) => suits(aPod(term('cores', operator, values)), { cores: '8' });
    assert.deepEqual(
      [met('In', ['8']), met('NotIn', ['8']), met('Exists'), met('DoesNotExist'), met('Gt', ['4']), met('Lt', ['4'])],
      [true, false, true, false, true, false],
    );
  });
});

describe('#74 the plan asks admission by dry runs', () => {
  const pod = aPod();
  const asked = (outcome: EvictionOutcome, named: string[] = []) =>
    refusedDryRuns([pod], new Map([[pod.uid, outcome]]), [], new Set(named)).length;

  const rows: [title: string, found: number, expected: number][] = [
    [
      'and names a pod that a webhook keeps',
      asked({ status: 'later', retryAfterSeconds: 5, message: 'denied by x' }),
      1,
    ],
    ['but no pod that may go', asked({ status: 'evicted' }), 0],
    ['nor one that has gone', asked({ status: 'absent' }), 0],
    [
      'nor one because the API server is busy',
      asked({ status: 'later', retryAfterSeconds: 1, message: 'Too many requests' }),
      0,
    ],
    [
      'nor one that is named already',
      asked({ status: 'blocked', message: 'no' }, ['shop/checkout-6d4b75cb6d-abcde']),
      0,
    ],
  ];
  for (const [title, found, expected] of rows) it(title, () => assert.equal(found, expected));

  it('and says so when it may not', () => {
    assert.match(admissionNote([pod], undefined), /were not asked .* eks-nodegroup-upgrade-readers may not create any/);
    assert.match(
      admissionNote([pod], new Map([[pod.uid, { status: 'evicted' }]])),
      /asked about 1 of 1 eviction by dry runs/,
    );
  });
});
