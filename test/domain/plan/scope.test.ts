import assert from 'node:assert/strict';
import { possiblyDeparted, resolveScope, scopeRefusal } from '../../../domain/plan/scope.ts';
import { aGroupNode, aNode } from '../builders.ts';

const MEMBERS = [
  aGroupNode({ instanceId: 'i-0a', node: aNode({ name: 'node-a', instanceId: 'i-0a' }) }),
  aGroupNode({ instanceId: 'i-0b', node: aNode({ name: 'node-b', instanceId: 'i-0b' }) }),
];
const NODES = [...MEMBERS.flatMap(({ node }) => node ?? []), aNode({ name: 'elsewhere', instanceId: 'i-0f' })];

describe('the nodes that an input names', () => {
  const cases: [title: string, names: string[], instanceIds: string[], gone: string[]][] = [
    ['are found by instance id', ['i-0b'], ['i-0b'], []],
    ['are found by node name', ['node-a'], ['i-0a'], []],
    ['are one node when both names are given', ['node-a', 'i-0a'], ['i-0a'], []],
    ['count as done when they are gone', ['node-a', 'i-0c'], ['i-0a'], ['i-0c']],
    ['are not found in another group', ['elsewhere'], [], ['elsewhere']],
  ];
  for (const [title, names, instanceIds, gone] of cases) {
    it(title, () => assert.deepEqual(resolveScope(names, MEMBERS, []), { instanceIds, gone }));
  }

  it('are looked for in the activities of the group only when none of them is in it now', () => {
    const instances = MEMBERS;
    assert.deepEqual(possiblyDeparted(['i-0c', 'node-x'], instances, NODES), ['i-0c']);
    assert.deepEqual(possiblyDeparted(['i-0c', 'i-0a'], instances, NODES), []);
    assert.deepEqual(possiblyDeparted(['i-0c', 'node-a'], instances, NODES), []);
  });

  it('are accepted when the group has had one of them', () => {
    const scope = resolveScope(['i-0c'], MEMBERS, ['i-0c']);
    assert.deepEqual(scope.instanceIds, ['i-0c']);
    assert.equal(scopeRefusal(scope, 'workers'), undefined);
  });

  it('are refused in one sentence that names them, when the group never had any', () => {
    const refusal = (names: string[]) => scopeRefusal(resolveScope(names, MEMBERS, []), 'workers')?.message;
    assert.equal(
      refusal(['elsewhere']),
      '"nodes" names elsewhere, but workers has no such node: name instance ids or nodes of this group',
    );
    assert.match(refusal(['a', 'b', 'c', 'd', 'e', 'f', 'g']) ?? '', /names a, b, c, d, e and 2 more, but workers/);
  });
});
