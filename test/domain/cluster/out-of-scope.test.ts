import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { nodesOutOfScope } from '../../../domain/cluster/out-of-scope.ts';
import type { Node } from '../../../domain/types.ts';
import { aNode } from '../builders.ts';

const cluster = { name: 'shop', version: '1.33', status: 'ACTIVE' };
const { instanceId: _, ...foreign } = aNode();

const kindsOf = (nodes: readonly Node[], members: string[] = []) =>
  nodesOutOfScope({ cluster, nodes, members: new Set(members) }).map(({ kind, name, nodes: count }) => [
    kind,
    name,
    count,
  ]);

describe('nodes out of scope', () => {
  const rows: [string, Node, [string, string, number][]][] = [
    ['a member of a group', aNode({ instanceId: 'i-0a' }), []],
    ['a node pool of Karpenter', aNode({ labels: { 'karpenter.sh/nodepool': 'spot' } }), [['karpenter', 'spot', 1]]],
    [
      'a provisioner of an old Karpenter',
      aNode({ labels: { 'karpenter.sh/provisioner-name': 'default' } }),
      [['karpenter', 'default', 1]],
    ],
    [
      'Auto Mode, whose nodes have the label of Karpenter as well',
      aNode({ labels: { 'eks.amazonaws.com/compute-type': 'auto', 'karpenter.sh/nodepool': 'system' } }),
      [['autoMode', 'system', 1]],
    ],
    [
      'Fargate, which has no instance',
      { ...foreign, labels: { 'eks.amazonaws.com/compute-type': 'fargate' } },
      [['fargate', 'Fargate', 1]],
    ],
    [
      'a hybrid node',
      { ...foreign, labels: { 'eks.amazonaws.com/compute-type': 'hybrid' } },
      [['hybrid', 'hybrid nodes', 1]],
    ],
    ['a node that nothing manages', aNode(), [['unknown', 'other nodes', 1]]],
    [
      'a node of a group that eksctl made, without a tag',
      aNode({ labels: { 'alpha.eksctl.io/nodegroup-name': 'ng-1' } }),
      [['unknown', 'ng-1', 1]],
    ],
  ];
  for (const [title, node, expected] of rows) {
    it(`recognises ${title}`, () => assert.deepEqual(kindsOf([node], ['i-0a']), expected));
  }

  it('counts a node of a group by its group, whatever labels it has', () => {
    const node = aNode({ instanceId: 'i-0a', labels: { 'karpenter.sh/nodepool': 'spot' } });
    assert.deepEqual(kindsOf([node], ['i-0a']), []);
  });

  it('counts the nodes of each pool together', () => {
    const inPool = (name: string) => aNode({ labels: { 'karpenter.sh/nodepool': name } });
    assert.deepEqual(kindsOf([inPool('spot'), inPool('arm'), inPool('spot')]), [
      ['karpenter', 'arm', 1],
      ['karpenter', 'spot', 2],
    ]);
  });
});
