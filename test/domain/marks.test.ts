import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  closeOutdated,
  cordon,
  EXCLUDE_LABEL,
  executionNameOf,
  isMarked,
  isTainted,
  MARKS,
  park,
  parkedSince,
  protectNew,
  SCALE_DOWN_DISABLED,
  startDraining,
  UNSCHEDULABLE_TAINT,
  undoAll,
} from '../../domain/marks.ts';
import type { Node, NodePatch, Taint } from '../../domain/types.ts';
import { aNode, EXECUTION_ARN, NOW_AT } from './builders.ts';

const BY = 'tuesday';

const merge = (present: Readonly<Record<string, string>>, changes: Readonly<Record<string, string | null>> = {}) =>
  Object.fromEntries(
    Object.entries({ ...present, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );

/** What the API server makes of a node and a merge patch. */
function apply(node: Node, patch: NodePatch | undefined): Node {
  if (patch === undefined) return node;
  assert.equal(patch.resourceVersion, node.resourceVersion, 'decided from another reading of the node');
  return {
    ...node,
    resourceVersion: String(Number(node.resourceVersion) + 1),
    labels: merge(node.labels, patch.labels),
    annotations: merge(node.annotations, patch.annotations),
    taints: patch.taints ?? node.taints,
    isUnschedulable: patch.unschedulable ?? node.isUnschedulable,
  };
}

type Change = (node: Node, by: string) => NodePatch | undefined;

const CHANGES: Readonly<Record<string, Change>> = {
  'closing an outdated node': closeOutdated,
  'protecting a new node': protectNew,
  'starting a drain': (node, by) => startDraining(node, by, { taint: false }),
  'starting a drain under MINIMAL': (node, by) => startDraining(node, by, { taint: true }),
  'starting the drain of a surplus node': (node, by) => startDraining(node, by, { taint: true, isSurplus: true }),
  'parking a blocked node': (node, by) => park(node, by, { untaint: false, sinceAt: NOW_AT }),
  'parking a blocked node under MINIMAL': (node, by) => park(node, by, { untaint: true, sinceAt: NOW_AT }),
  'cordoning an empty node': cordon,
};

const FOREIGN_TAINT: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

/** Nodes on which somebody else may have done by hand all that we do. */
const nodes = fc
  .record({
    taints: fc.shuffledSubarray([UNSCHEDULABLE_TAINT, FOREIGN_TAINT, { ...FOREIGN_TAINT, effect: 'NoExecute' }]),
    labels: fc.constantFrom<Record<string, string>>({}, { team: 'a' }, { [EXCLUDE_LABEL]: '' }),
    annotations: fc.constantFrom<Record<string, string>>({}, { note: 'b' }, { [SCALE_DOWN_DISABLED]: 'false' }),
    isUnschedulable: fc.boolean(),
  })
  .map(aNode);
const changes = fc.array(fc.tuple(fc.constantFrom(...Object.keys(CHANGES)), fc.constantFrom(BY, 'monday')), {
  maxLength: 8,
});

const afterAll = (node: Node, sequence: readonly (readonly [string, string])[]) =>
  sequence.reduce((present, [title, by]) => apply(present, (CHANGES[title] as Change)(present, by)), node);
const withoutVersion = ({ resourceVersion: _, ...node }: Node) => node;

describe('marks: whatever was done to a node', () => {
  it('can be undone to exactly what the node was before', () =>
    fc.assert(
      fc.property(nodes, changes, (node, sequence) => {
        const changed = afterAll(node, sequence);
        assert.deepEqual(withoutVersion(apply(changed, undoAll(changed))), withoutVersion(node));
      }),
    ));

  it('shows as long as it is not undone', () =>
    fc.assert(
      fc.property(nodes, changes, (node, sequence) => {
        const changed = afterAll(node, sequence);
        const isChanged = JSON.stringify(withoutVersion(changed)) !== JSON.stringify(withoutVersion(node));
        assert.equal(isMarked(changed), isChanged);
        assert.equal(undoAll(changed) !== undefined, isChanged);
      }),
    ));

  it('keeps the taints, labels and annotations that somebody else put there', () =>
    fc.assert(
      fc.property(nodes, changes, (node, sequence) => {
        const changed = afterAll(node, sequence);
        assert.deepEqual(
          changed.taints.filter(({ key }) => key === FOREIGN_TAINT.key),
          node.taints.filter(({ key }) => key === FOREIGN_TAINT.key),
        );
        assert.equal(isTainted(node) && !isTainted(changed), false);
        assert.deepEqual({ ...changed.labels, ...node.labels }, changed.labels);
        assert.deepEqual({ ...changed.annotations, ...node.annotations }, changed.annotations);
        assert.equal(node.isUnschedulable && !changed.isUnschedulable, false);
      }),
    ));

  for (const [title, change] of Object.entries(CHANGES)) {
    it(`needs no second request: ${title} is done once`, () =>
      fc.assert(
        fc.property(nodes, changes, (node, sequence) => {
          const changed = afterAll(node, sequence);
          const once = apply(changed, change(changed, BY));
          assert.equal(change(once, BY), undefined);
        }),
      ));
  }
});

describe('marks: what each change does', () => {
  const marked = (sequence: readonly string[], node: Node = aNode()) =>
    afterAll(
      node,
      sequence.map((title) => [title, 'monday'] as const),
    );

  it('taints an outdated node after its other taints, and says by which execution', () => {
    const { taints, annotations } = closeOutdated(aNode({ taints: [FOREIGN_TAINT] }), BY) ?? {};
    assert.deepEqual(taints, [FOREIGN_TAINT, UNSCHEDULABLE_TAINT]);
    assert.deepEqual(annotations, { [MARKS.tainted]: BY });
  });

  it('uses the taint of EKS', () =>
    assert.deepEqual(UNSCHEDULABLE_TAINT, {
      key: 'eks.amazonaws.com/nodegroup',
      value: 'unschedulable',
      effect: 'NoSchedule',
    }));

  it('opens an outdated node that a dead run left cordoned, excluded and parked, and keeps it tainted', () => {
    const left = marked([
      'closing an outdated node',
      'starting a drain',
      'cordoning an empty node',
      'parking a blocked node',
    ]);
    const closed = apply(left, closeOutdated(left, BY));
    assert.equal(closed.isUnschedulable, false);
    assert.equal(isTainted(closed), true);
    assert.deepEqual(closed.annotations, { [MARKS.tainted]: 'monday' });
  });

  it('opens a new node that an earlier run with another target closed, and protects it from the autoscaler', () => {
    const left = marked(['closing an outdated node', 'starting a drain', 'cordoning an empty node']);
    const opened = apply(left, protectNew(left, BY));
    assert.deepEqual(
      { taints: opened.taints, labels: opened.labels, isUnschedulable: opened.isUnschedulable },
      { taints: [], labels: {}, isUnschedulable: false },
    );
    assert.deepEqual(opened.annotations, { [SCALE_DOWN_DISABLED]: 'true', [MARKS.protected]: BY });
  });

  it('leaves a node alone that somebody else protects from the autoscaler already', () =>
    assert.equal(protectNew(aNode({ annotations: { [SCALE_DOWN_DISABLED]: 'true' } }), BY), undefined));

  it('takes a node out of the load balancers when its drain starts, and taints it only when asked to', () => {
    const draining = apply(aNode(), startDraining(aNode(), BY, { taint: false }));
    assert.deepEqual(draining.labels, { [EXCLUDE_LABEL]: 'true' });
    assert.equal(isTainted(draining), false);
    assert.equal(isTainted(apply(aNode(), startDraining(aNode(), BY, { taint: true }))), true);
  });

  it('returns a parked node to the load balancers and keeps it tainted', () => {
    const parked = marked(['closing an outdated node', 'starting a drain', 'parking a blocked node']);
    assert.deepEqual(parked.labels, {});
    assert.equal(isTainted(parked), true);
  });

  it('opens a parked node to pods again under MINIMAL, where every other node is open too', () =>
    assert.equal(isTainted(marked(['starting a drain under MINIMAL', 'parking a blocked node under MINIMAL'])), false));

  it('remembers since when a parked node has been tried, through the second attempt', () => {
    const parked = marked(['parking a blocked node']);
    assert.equal(parkedSince(parked), NOW_AT);
    const again = apply(parked, park(parked, BY, { untaint: false, sinceAt: '2026-01-15T13:00:00.000Z' }));
    assert.equal(parkedSince(again), NOW_AT);
    assert.equal(parkedSince(aNode()), undefined);
  });

  it('does not claim a cordon that somebody else made', () =>
    assert.equal(cordon(aNode({ isUnschedulable: true }), BY), undefined));

  it('marks a cordon of its own', () =>
    assert.deepEqual(cordon(aNode(), BY), {
      unschedulable: true,
      annotations: { [MARKS.cordoned]: BY },
      resourceVersion: '100',
    }));

  it('does not put back a taint that somebody has taken off meanwhile', () => {
    const tainted = marked(['closing an outdated node'], aNode({ taints: [FOREIGN_TAINT] }));
    const untainted = { ...tainted, taints: [FOREIGN_TAINT] };
    assert.equal(undoAll(untainted)?.taints, undefined);
    assert.deepEqual(apply(untainted, undoAll(untainted)).annotations, {});
  });

  it('names the execution by the last part of its ARN', () => assert.equal(executionNameOf(EXECUTION_ARN), 'tuesday'));
});
