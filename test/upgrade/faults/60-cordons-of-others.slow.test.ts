import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld, observationsOf, requestsOfEks } from '../managed-world.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { type WatchedWorld, watchedWorld } from './watched-world.ts';

/** Three nodes, on each of them a pod that its budget keeps. */
const keptEverywhere = (updateStrategy: 'DEFAULT' | 'MINIMAL', seed: number) =>
  managedWorld({
    group: { desiredCapacity: 3, minSize: 1, maxSize: 4 },
    managed: { maxUnavailable: 1, updateStrategy },
    scenario: { seed },
    cluster: {
      workloads: [
        {
          kind: 'StatefulSet',
          name: 'db',
          namespace: 'shop',
          replicas: 3,
          antiAffinity: 'host',
          budget: { maxUnavailable: 0 },
        },
      ],
    },
  });

const cordon = (sandbox: WatchedWorld, index: number) =>
  sandbox.store.change('nodes', undefined, sandbox.nodes()[index]?.metadata.name as string, (node) => ({
    ...node,
    spec: { ...(node.spec as object), unschedulable: true },
  }));

/** What others do: before the run, and while it runs. */
const OTHERS: Record<string, { before?: (sandbox: WatchedWorld) => void; later?: (sandbox: WatchedWorld) => void }> = {
  'nobody else': {},
  'somebody who cordoned a node long before': { before: (sandbox) => cordon(sandbox, 0) },
  'somebody who cordons a node once EKS has begun': { later: (sandbox) => cordon(sandbox, 0) },
};

for (const strategy of ['DEFAULT', 'MINIMAL'] as const) {
  describe(`#60 with ${strategy} the pod that EKS waits for is named, whatever others do to nodes`, () => {
    for (const [who, { before, later }] of Object.entries(OTHERS)) {
      for (const seed of [1, 2]) {
        it(`beside ${who} (seed ${seed})`, async () => {
          const sandbox = await watchedWorld(keptEverywhere(strategy, seed));
          await sandbox.clock.advance(30);
          before?.(sandbox);
          const execution = sandbox.start(MANAGED);
          await sandbox.when(() => requestsOfEks(sandbox, /\/eviction$/).length > 0);
          later?.(sandbox);
          await sandbox.end(execution, 7200);
          const refused = requestsOfEks(sandbox, /\/eviction$/).filter(({ status }) => status === 429);
          const [{ action = '', atSeconds = 0 } = {}] = refused;
          const told = observationsOf(sandbox, execution).filter(({ update }) => update.blockingPods.length > 0);
          const names = new Set(told.flatMap(({ update }) => update.blockingPods.map(({ name }) => name)));
          assert.ok(names.has(action.split('/')[6] as string), `EKS waited for ${action}, told: ${[...names]}`);
          assert.ok((told[0]?.atSeconds ?? 0) >= atSeconds, `told at ${told[0]?.atSeconds}, EKS asked at ${atSeconds}`);
        });
      }
    }
  });
}

describe('#60 under MINIMAL a block is reported once EKS is at the node, not before', () => {
  for (const seed of [1, 5]) {
    it(`of five nodes, one of which is blocked (seed ${seed})`, async () => {
      const sandbox = await watchedWorld(
        managedWorld({
          group: { desiredCapacity: 5, minSize: 1, maxSize: 6 },
          managed: { maxUnavailable: 1, updateStrategy: 'MINIMAL' },
          workloads: [BLOCKING_WORKLOAD],
          scenario: { seed },
        }),
      );
      const execution = sandbox.start(MANAGED);
      await sandbox.end(execution, 7200);
      const asked = requestsOfEks(sandbox, /\/pods\/api-[^/]+\/eviction$/)[0]?.atSeconds;
      const told = observationsOf(sandbox, execution).find(({ update }) =>
        update.blockingPods.some(({ name }) => name.startsWith('api-')),
      )?.atSeconds;
      assert.ok(asked !== undefined && told !== undefined, `asked at ${asked}, told at ${told}`);
      assert.ok(told >= asked, `told at ${told}, EKS asked at ${asked}`);
      assert.ok(told <= asked + 60, `told at ${told}, EKS asked at ${asked}`);
    });
  }
});
