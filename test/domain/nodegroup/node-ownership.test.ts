import assert from 'node:assert/strict';
import fc from 'fast-check';
import { beginDraining, cordon, reopen, restoreTaint, sayPhase } from '../../../domain/drain/execution-patches.ts';
import { IN_HAND_ANNOTATION, IN_HAND_LABEL, type InHand, inHandValue } from '../../../domain/drain/in-hand.ts';
import {
  disableScaleDown,
  EXCLUDE_LABEL,
  executionNameOf,
  isKeptFree,
  isOwned,
  isTainted,
  keepFree,
  liftTaint,
  OWNERSHIP_ANNOTATIONS,
  removeOwnedChanges,
  SCALE_DOWN_DISABLED,
  taintOutdated,
  UNSCHEDULABLE_TAINT,
} from '../../../domain/nodegroup/node-ownership.ts';
import { park, parkedSince } from '../../../domain/nodegroup/parked.ts';
import type { Node, NodePatch, Taint } from '../../../domain/types.ts';
import { aNode, EXECUTION_ARN, NOW_AT } from '../builders.ts';

const BY = 'tuesday';
const EARLIER = 'monday';

/** Apply a patch as the API server does: a JSON merge patch, with the version as precondition. */
function apply(node: Node, patch: NodePatch | undefined): Node {
  if (patch === undefined) return node;
  assert.equal(patch.resourceVersion, node.resourceVersion, 'the patch applies to the node it was decided from');
  const merge = (before: Readonly<Record<string, string>>, changes: NodePatch['labels'] = {}) =>
    Object.fromEntries(
      Object.entries({ ...before, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
    );
  return {
    ...node,
    labels: merge(node.labels, patch.labels),
    annotations: merge(node.annotations, patch.annotations),
    taints: patch.taints ?? node.taints,
    isUnschedulable: patch.unschedulable ?? node.isUnschedulable,
    resourceVersion: String(Number(node.resourceVersion) + 1),
  };
}

/** What the node looks like to everybody else. */
const faceOf = ({ labels, annotations, taints, isUnschedulable }: Node) => ({
  labels,
  annotations,
  taints,
  isUnschedulable,
});

const SPOT: Taint = { key: 'spot', value: 'true', effect: 'NoSchedule' };
const OTHER_EFFECT: Taint = { ...UNSCHEDULABLE_TAINT, effect: 'NoExecute' };

/** A node on which an operator and other programs have left their own. */
const busy = aNode({
  taints: [SPOT, OTHER_EFFECT],
  labels: { team: 'shop' },
  annotations: { 'example.com/note': 'keep' },
});

/** What the execution of a node that a run has taken says of itself. */
const inHand = (phase: InHand['phase'], by = BY): InHand => ({ execution: `of-${by}`, phase, since: NOW_AT });

const change: Record<string, (node: Node, by: string) => NodePatch | undefined> = {
  'close an outdated node': taintOutdated,
  'protect a new node': disableScaleDown,
  'keep a new node free': keepFree,
  'start a drain': (node, by) =>
    beginDraining(node, { by, autoScalingGroupName: 'workers', inHand: inHand('draining', by) }),
  'put the taint back': restoreTaint,
  'cordon a node': (node, by) => cordon(node, by, inHand('cordoned', by)),
  'announce a termination': (node, by) => sayPhase(node, inHand('terminating', by)),
  'reopen a blocked node': (node, by) =>
    reopen(node, by, { untaint: false, parkedSinceAt: NOW_AT, inHand: inHand('blocked', by) }),
  'reopen and open a blocked node (MINIMAL)': (node, by) =>
    reopen(node, by, { untaint: true, parkedSinceAt: NOW_AT, inHand: inHand('blocked', by) }),
  'park a node': (node, by) => park(node, by, { untaint: false, sinceAt: NOW_AT }),
  'park a node and open it (MINIMAL)': (node, by) => park(node, by, { untaint: true, sinceAt: NOW_AT }),
};

/** A busy node after some of our changes. */
const nodeAfter = (names: readonly (keyof typeof change)[], by = BY, node = busy): Node =>
  names.reduce((seen, name) => apply(seen, (change[name] as (typeof change)[string])(seen, by)), node);

/** A node on which a run that died has left an exclusion, a cordon, and a parked node's note. */
function leftBy(by: string): Node {
  const node = nodeAfter(['close an outdated node', 'start a drain', 'cordon a node'], by);
  const { [IN_HAND_ANNOTATION]: _, ...annotations } = node.annotations;
  const { [IN_HAND_LABEL]: __, ...labels } = node.labels;
  return { ...node, labels, annotations: { ...annotations, [OWNERSHIP_ANNOTATIONS.parked]: `${by} ${NOW_AT}` } };
}

describe('what is written on nodes', () => {
  type Row = [title: string, name: keyof typeof change, before: Node, face: Partial<ReturnType<typeof faceOf>>];
  const kept = faceOf(busy);
  const rows: Row[] = [
    [
      'an outdated node gets the taint of EKS beside the taints it has',
      'close an outdated node',
      busy,
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.tainted]: BY },
      },
    ],
    [
      'a new node is kept from the autoscaler',
      'protect a new node',
      busy,
      { annotations: { ...kept.annotations, [SCALE_DOWN_DISABLED]: 'true', [OWNERSHIP_ANNOTATIONS.protected]: BY } },
    ],
    [
      'a draining node is in hand, out of the load balancers, and closed',
      'start a drain',
      busy,
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        labels: { ...kept.labels, [EXCLUDE_LABEL]: 'true', [IN_HAND_LABEL]: inHandValue('workers') },
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.excluded]: BY,
          [OWNERSHIP_ANNOTATIONS.tainted]: BY,
          [IN_HAND_ANNOTATION]: JSON.stringify(inHand('draining')),
        },
      },
    ],
    [
      'a taint that somebody removed during the drain is put back, and nothing else',
      'put the taint back',
      { ...nodeAfter(['close an outdated node']), taints: busy.taints },
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.tainted]: BY },
      },
    ],
    [
      'an empty node is cordoned, and says so',
      'cordon a node',
      busy,
      {
        isUnschedulable: true,
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.cordoned]: BY,
          [IN_HAND_ANNOTATION]: JSON.stringify(inHand('cordoned')),
        },
      },
    ],
    [
      'a blocked node returns to the load balancers and stays closed, and says that it is blocked',
      'reopen a blocked node',
      nodeAfter(['close an outdated node', 'start a drain', 'cordon a node']),
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        labels: { ...kept.labels, [IN_HAND_LABEL]: inHandValue('workers') },
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.tainted]: BY,
          [OWNERSHIP_ANNOTATIONS.parked]: `${BY} ${NOW_AT}`,
          [IN_HAND_ANNOTATION]: JSON.stringify(inHand('blocked')),
        },
      },
    ],
    [
      'a blocked node is opened again under MINIMAL',
      'reopen and open a blocked node (MINIMAL)',
      nodeAfter(['start a drain']),
      {
        labels: { ...kept.labels, [IN_HAND_LABEL]: inHandValue('workers') },
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.parked]: `${BY} ${NOW_AT}`,
          [IN_HAND_ANNOTATION]: JSON.stringify(inHand('blocked')),
        },
      },
    ],
    [
      'a node that is set aside is no longer in hand, and stays closed',
      'park a node',
      nodeAfter(['close an outdated node', 'start a drain', 'cordon a node']),
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.tainted]: BY,
          [OWNERSHIP_ANNOTATIONS.parked]: `${BY} ${NOW_AT}`,
        },
      },
    ],
    [
      'a node that is set aside is opened under MINIMAL',
      'park a node and open it (MINIMAL)',
      nodeAfter(['start a drain']),
      { annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.parked]: `${BY} ${NOW_AT}` } },
    ],
    [
      'a new node that only covers a zone is closed',
      'keep a new node free',
      busy,
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.keptFree]: BY },
      },
    ],
    [
      'a node that was kept free stays closed when it is protected',
      'protect a new node',
      nodeAfter(['keep a new node free']),
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: {
          ...kept.annotations,
          [OWNERSHIP_ANNOTATIONS.keptFree]: BY,
          [SCALE_DOWN_DISABLED]: 'true',
          [OWNERSHIP_ANNOTATIONS.protected]: BY,
        },
      },
    ],
    [
      'a node that an earlier run kept free is opened',
      'protect a new node',
      nodeAfter(['keep a new node free'], EARLIER),
      { annotations: { ...kept.annotations, [SCALE_DOWN_DISABLED]: 'true', [OWNERSHIP_ANNOTATIONS.protected]: BY } },
    ],
    [
      'a node that was kept free and is drained keeps the taint, now as an outdated one',
      'put the taint back',
      nodeAfter(['keep a new node free']),
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.tainted]: BY },
      },
    ],
    [
      'what a dead run left on an outdated node is taken back while its taint stays',
      'close an outdated node',
      leftBy(EARLIER),
      {
        taints: [SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT],
        annotations: { ...kept.annotations, [OWNERSHIP_ANNOTATIONS.tainted]: EARLIER },
      },
    ],
    [
      'a node that an earlier run closed is opened when it turns out to be new',
      'protect a new node',
      leftBy(EARLIER),
      { annotations: { ...kept.annotations, [SCALE_DOWN_DISABLED]: 'true', [OWNERSHIP_ANNOTATIONS.protected]: BY } },
    ],
    [
      'a node in hand of an execution that an earlier run started is left to it',
      'close an outdated node',
      nodeAfter(['start a drain', 'cordon a node'], EARLIER),
      faceOf(nodeAfter(['start a drain', 'cordon a node'], EARLIER)),
    ],
  ];
  for (const [title, name, before, face] of rows) {
    it(title, () => assert.deepEqual(faceOf(nodeAfter([name], BY, before)), { ...kept, ...face }));
  }

  for (const name of Object.keys(change)) {
    it(`to ${name} needs one patch: asked again, there is nothing to do`, () => {
      const once = nodeAfter([name]);
      assert.notEqual(once, busy, 'there was something to do the first time');
      assert.equal((change[name] as (typeof change)[string])(once, BY), undefined);
      assert.ok(isOwned(once), 'a later run can tell that something is ours');
    });
  }

  it('keeps the first instant at which a node was blocked, however often it is parked', () => {
    const once = nodeAfter(['park a node']);
    const twice = apply(once, park(once, 'wednesday', { untaint: false, sinceAt: '2026-01-16T00:00:00.000Z' }));
    assert.equal(twice.annotations[OWNERSHIP_ANNOTATIONS.parked], `wednesday ${NOW_AT}`);
    assert.equal(parkedSince(twice), NOW_AT);
    assert.equal(parkedSince(busy), undefined);
  });
});

describe('what others wrote on nodes', () => {
  const foreign: [title: string, name: keyof typeof change, node: Node][] = [
    ['a taint of EKS itself is not claimed', 'close an outdated node', aNode({ taints: [UNSCHEDULABLE_TAINT] })],
    [
      'a taint with the same key and effect is not doubled, which the API server would refuse',
      'close an outdated node',
      aNode({ taints: [{ ...UNSCHEDULABLE_TAINT, value: 'maintenance' }] }),
    ],
    [
      "an operator's wish to keep the autoscaler away is not claimed",
      'protect a new node',
      aNode({ annotations: { [SCALE_DOWN_DISABLED]: 'true' } }),
    ],
    [
      "an operator's wish to let the autoscaler in is not overruled",
      'protect a new node',
      aNode({ annotations: { [SCALE_DOWN_DISABLED]: 'false' } }),
    ],
    [
      'a taint is not claimed that is there when the drain looks at it',
      'put the taint back',
      aNode({ taints: [UNSCHEDULABLE_TAINT] }),
    ],
    [
      'a taint is not claimed for a node to be kept free',
      'keep a new node free',
      aNode({ taints: [UNSCHEDULABLE_TAINT] }),
    ],
  ];
  for (const [title, name, node] of foreign) {
    it(title, () => assert.equal((change[name] as (typeof change)[string])(node, BY), undefined));
  }

  it('is not claimed when a drain begins: an exclusion from load balancers, and a taint', () => {
    const theirs = aNode({ labels: { [EXCLUDE_LABEL]: '' }, taints: [UNSCHEDULABLE_TAINT] });
    const drained = nodeAfter(['start a drain'], BY, theirs);
    assert.deepEqual([drained.labels[EXCLUDE_LABEL], drained.taints], ['', [UNSCHEDULABLE_TAINT]]);
    assert.deepEqual(Object.keys(drained.annotations), [IN_HAND_ANNOTATION]);
  });

  it('is not claimed when a node is cordoned that was cordoned already', () => {
    const cordoned = nodeAfter(['cordon a node'], BY, aNode({ isUnschedulable: true }));
    assert.deepEqual(Object.keys(cordoned.annotations), [IN_HAND_ANNOTATION]);
  });

  it('is left alone when it is a taint of the same key with another value, put in the place of ours', () => {
    const theirs = [{ ...UNSCHEDULABLE_TAINT, value: 'maintenance' }];
    const replaced = { ...nodeAfter(['close an outdated node']), taints: theirs };
    assert.deepEqual(apply(replaced, removeOwnedChanges(replaced)).taints, theirs);
  });

  it('stays when everything of ours is taken back', () => {
    const theirs = aNode({
      isUnschedulable: true,
      taints: [UNSCHEDULABLE_TAINT, SPOT],
      labels: { [EXCLUDE_LABEL]: 'true' },
      annotations: { [SCALE_DOWN_DISABLED]: 'true' },
    });
    const ours = nodeAfter(Object.keys(change), BY, theirs);
    assert.deepEqual(faceOf(apply(ours, removeOwnedChanges(ours))), faceOf(theirs));
    assert.equal(removeOwnedChanges(theirs), undefined, 'there is nothing of ours to take back');
  });

  it('is kept when somebody set it while our annotations were on the node', () => {
    const ours = nodeAfter(['close an outdated node', 'start a drain']);
    const later = { ...ours, taints: [...ours.taints, { key: 'later', effect: 'NoExecute' }], isUnschedulable: true };
    assert.deepEqual(faceOf(apply(later, removeOwnedChanges(later))), {
      ...faceOf(busy),
      taints: [...busy.taints, { key: 'later', effect: 'NoExecute' }],
      isUnschedulable: true,
    });
  });

  it('is not set again: where somebody removed our taint only its annotation is removed', () => {
    const removed = { ...nodeAfter(['close an outdated node']), taints: busy.taints };
    assert.deepEqual(removeOwnedChanges(removed), {
      annotations: { [OWNERSHIP_ANNOTATIONS.tainted]: null },
      resourceVersion: removed.resourceVersion,
    });
  });
});

describe('a node', () => {
  it('that was tainted lets pods in again when the taint is lifted, and is not touched otherwise', () => {
    const closed = nodeAfter(['close an outdated node']);
    assert.deepEqual(faceOf(apply(closed, liftTaint(closed))), faceOf(busy));
    assert.equal(liftTaint(aNode({ taints: [UNSCHEDULABLE_TAINT] })), undefined);
  });

  it('that is kept free is known as one, other than a node that is closed as outdated', () => {
    const closed = [nodeAfter(['keep a new node free']), nodeAfter(['close an outdated node'])];
    assert.deepEqual(closed.map(isKeptFree), [true, false]);
  });

  for (const name of [
    'start a drain',
    'put the taint back',
    'cordon a node',
    'announce a termination',
    'reopen a blocked node',
  ]) {
    it(`is tested to be the one that was taken when its execution wants to ${name}`, () => {
      const { identity } = (change[name] as (typeof change)[string])(aNode(), BY) ?? {};
      assert.deepEqual(identity, { uid: aNode().uid, providerId: aNode().providerId });
    });
  }
});

describe('removeOwnedChanges', () => {
  const foreign = fc.record({
    taints: fc.subarray([SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT]),
    excluded: fc.constantFrom(undefined, 'true', 'false'),
    scaleDown: fc.constantFrom(undefined, 'true', 'false'),
    isUnschedulable: fc.boolean(),
  });
  const ours = fc.array(fc.tuple(fc.constantFrom(...Object.keys(change)), fc.constantFrom(EARLIER, BY)), {
    maxLength: 12,
  });

  it('restores a node exactly, whatever was on it and whatever two runs did to it in any order', () => {
    fc.assert(
      fc.property(foreign, ours, ({ taints, excluded, scaleDown, isUnschedulable }, changes) => {
        const before = aNode({
          taints,
          isUnschedulable,
          labels: { team: 'shop', ...(excluded !== undefined && { [EXCLUDE_LABEL]: excluded }) },
          annotations: { note: 'keep', ...(scaleDown !== undefined && { [SCALE_DOWN_DISABLED]: scaleDown }) },
        });
        const changed = changes.reduce((node, [name, by]) => nodeAfter([name], by, node), before);
        const restored = apply(changed, removeOwnedChanges(changed));
        assert.deepEqual(faceOf(restored), faceOf(before));
        assert.equal(isOwned(restored), false);
        assert.equal(removeOwnedChanges(restored), undefined, 'undone twice is undone once');
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('is called for as long as anything of ours shows, and others keep what is theirs meanwhile', () => {
    fc.assert(
      fc.property(fc.subarray([SPOT, OTHER_EFFECT, UNSCHEDULABLE_TAINT]), ours, (taints, changes) => {
        const before = aNode({ taints, labels: { team: 'shop' }, annotations: { note: 'keep' } });
        const changed = changes.reduce((node, [name, by]) => nodeAfter([name], by, node), before);
        const isChanged = JSON.stringify(faceOf(changed)) !== JSON.stringify(faceOf(before));
        assert.equal(isOwned(changed), isChanged);
        assert.equal(removeOwnedChanges(changed) !== undefined, isChanged);
        assert.deepEqual(changed.taints.slice(0, taints.length), taints);
        assert.equal(changed.labels.team, 'shop');
        assert.equal(changed.annotations.note, 'keep');
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it('is no reason to patch twice: after any history a change that was made is not made again', () => {
    fc.assert(
      fc.property(ours, fc.constantFrom(...Object.keys(change)), (changes, name) => {
        const past = changes.reduce((node, [done, by]) => nodeAfter([done], by, node), busy);
        const once = nodeAfter([name], BY, past);
        assert.equal((change[name] as (typeof change)[string])(once, BY), undefined);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('a node is closed', () => {
  const cases: [title: string, taints: Taint[], expected: boolean][] = [
    ['by our taint', [SPOT, UNSCHEDULABLE_TAINT], true],
    ['by the taint of EKS with another value', [{ ...UNSCHEDULABLE_TAINT, value: 'x' }], true],
    ['not by the same key with another effect', [OTHER_EFFECT], false],
    ['not by other taints', [SPOT], false],
  ];
  for (const [title, taints, expected] of cases) {
    it(title, () => assert.equal(isTainted(aNode({ taints })), expected));
  }

  it('with the very taint of EKS', () => {
    assert.deepEqual(UNSCHEDULABLE_TAINT, {
      key: 'eks.amazonaws.com/nodegroup',
      value: 'unschedulable',
      effect: 'NoSchedule',
    });
  });

  it('by an annotation with the short name of the execution', () => {
    assert.equal(executionNameOf(EXECUTION_ARN), BY);
  });
});
