import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Budget, Node } from '../../../domain/types.ts';
import { failRun } from '../../../operations/admission/fail-run.ts';
import { accountsWith } from '../../domain/admission/entry-builders.ts';
import { aBudget, aGroup, aPod, aRun, NOW_AT } from '../../domain/builders.ts';
import { createPorts } from '../ports-in-memory.ts';

const REASON = 'pod shop/checkout came back after its evictions, because its owner names the node';
const STOP = { kind: 'stop', error: 'PodEvictionFailure', cause: 'tried twice, 900 s each' } as const;

/** The error of a run whose node-0 is parked, with a pod on it. */
async function causeOf(budgets: Budget[], { error = 'PodEvictionFailure', hasNode = true } = {}): Promise<string> {
  const ports = createPorts();
  const node = ports.kubernetes.nodes.get('node-0') as Node;
  const instanceId = node.instanceId as string;
  ports.kubernetes.pods.set('pod', aPod({ nodeName: 'node-0' }));
  ports.kubernetes.budgets = budgets;
  const parked = [{ instanceId, tries: 2, since: NOW_AT, until: NOW_AT, error, reason: REASON, budgets: [] }];
  const sizes = { minSize: 3, maxSize: 6, desiredCapacity: aGroup().desiredCapacity };
  const seen = {
    at: NOW_AT,
    nodesAt: NOW_AT,
    sizes,
    members: [],
    nodes: new Map(hasNode ? [[instanceId, node]] : []),
  };
  const request = { run: aRun() } as Parameters<typeof failRun>[1]['request'];
  const ending = { cluster: ports.cluster, seen, request, accounts: { ...accountsWith([]), parked } };
  return failRun(ports.deps, ending, STOP).then(
    () => 'nothing',
    (thrown: Error) => thrown.message,
  );
}

describe('the end of a run with blocked nodes says of a node', () => {
  it('the pods still there and the budget that forbids them to go now', async () => {
    const cause = await causeOf([aBudget({ disruptionsAllowed: 0 })]);
    assert.match(cause, /^1 node could not be drained \(tried twice, 900 s each\)\. node-0: pod shop\/checkout/);
    assert.match(cause, /PodDisruptionBudget shop\/checkout/);
  });

  for (const [title, budgets] of [
    ['no budget is over its pods', []],
    ['every budget over its pods allows them to go', [aBudget({ disruptionsAllowed: 1 })]],
  ] as const) {
    it(`what its drain said, where ${title}: not that the API asks for patience`, async () => {
      const cause = await causeOf([...budgets]);
      assert.ok(cause.endsWith(`node-0: ${REASON}`), cause);
    });
  }

  it('what its drain said, where it is gone or its execution has died', async () => {
    assert.match(await causeOf([], { hasNode: false }), /i-00000000000000000: pod shop\/checkout came back/);
    assert.match(await causeOf([], { error: 'States.Timeout' }), /node-0: pod shop\/checkout came back/);
  });
});
