import assert from 'node:assert/strict';
import { failUpdate } from '../../../operations/eks-update/explain-update.ts';
import { aBudget, NOW_AT } from '../../domain/builders.ts';
import { anActiveNode } from '../../domain/eks-update/update-builders.ts';
import { anUpdateError, createUpdateWorld, renewNode, type UpdateWorld } from './update-world.ts';

/** The sentence a run fails with because its update ended with these errors. */
async function causeOf(
  world: UpdateWorld,
  errors: ReturnType<typeof anUpdateError>[],
  changes: Partial<UpdateWorld['before']> = {},
): Promise<string> {
  world.describeUpdate({ status: 'Failed', errors });
  const update = await world.deps.eks.findUpdate('production', 'workers', 'u-1');
  assert.ok(update !== undefined);
  const thrown: unknown = await failUpdate(world.deps, world.run, update, { ...world.before, ...changes }).catch(
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Error);
  return `${thrown.name}: ${thrown.message}`;
}

describe('an update of EKS that could not evict pods', () => {
  it('is explained by what is left on each node that EKS names, and since when', async () => {
    const world = createUpdateWorld();
    const sinceAt = '2026-01-15T11:45:00.000Z';
    world.addPod('node-0', 'web-1');
    world.addPod('node-0', 'free', { labels: {} });
    world.addPod('node-2', 'untouched');
    world.kubernetes.budgets.push(aBudget({ disruptionsAllowed: 0 }));
    const known = { namespace: 'shop', name: 'web-1', reason: 'budget', detail: 'x', advice: 'y' } as const;
    const cause = await causeOf(world, [anUpdateError('PodEvictionFailure', 'node-0', 'i-00000000000000001')], {
      nodes: [anActiveNode('00000000000000000', { nodeName: 'node-0', sinceAt })],
      blockingPods: [{ ...known, instanceId: 'i-00000000000000000', nodeName: 'node-0', sinceAt }],
    });
    assert.match(cause, /^PodEvictionFailure: EKS update u-1 ended as Failed\. EKS says: PodEvictionFailure: /);
    assert.match(
      cause,
      /node-0: pod shop\/web-1 .*15 minutes: PodDisruptionBudget shop\/checkout .* not blocked now: shop\/free\./,
    );
    assert.match(cause, /node-1: no pod is left on it now\.$/);
    assert.doesNotMatch(cause, /node-2|untouched/);
  });

  it('describes twenty nodes at most', async () => {
    const world = createUpdateWorld();
    const node = world.kubernetes.nodes.get('node-0');
    assert.ok(node !== undefined);
    const { instanceId: _, ...foreign } = node;
    const names = Array.from({ length: 21 }, (__, index) => `more-${index}`);
    for (const name of names) world.kubernetes.nodes.set(name, { ...foreign, name });
    const cause = await causeOf(world, [anUpdateError('PodEvictionFailure', ...names)]);
    assert.equal(cause.match(/no pod is left on it now/g)?.length, 20);
  });
});

describe('an update of EKS that could not add nodes', () => {
  const notCreated = anUpdateError('NodeCreationFailure');

  it('is explained by the last failed launch and the instances that did not join', async () => {
    const world = createUpdateWorld();
    for (const name of world.kubernetes.nodes.keys()) renewNode(world, name);
    world.changeNode('node-1', { isReady: false });
    world.aws.launchFailures.push({ startedAt: NOW_AT, zone: 'eu-west-1a', message: 'No capacity. ' });
    const cause = await causeOf(world, [notCreated]);
    assert.match(
      cause,
      /Last failed launch \(eu-west-1a\): No capacity\. Not Ready or not registered: i-0+1: check their kubelet\.$/,
    );
  });

  it('is explained without a zone where the launch names none', async () => {
    const world = createUpdateWorld();
    world.aws.launchFailures.push({ startedAt: NOW_AT, message: 'No capacity' });
    assert.match(await causeOf(world, [notCreated]), /Last failed launch: No capacity\.$/);
  });

  it('says so when no launch failed', async () => {
    const cause = await causeOf(createUpdateWorld(), [notCreated]);
    assert.match(cause, /The Auto Scaling group reports no failed launch\.$/);
  });
});

it('any other failure of an update of EKS is explained by its words and what to check', async () => {
  const cause = await causeOf(createUpdateWorld(), [anUpdateError('AccessDenied')]);
  assert.match(cause, /^AccessDenied: .* AccessDenied happened\. EKS drains nodes by the rights of ClusterRole/);
});
