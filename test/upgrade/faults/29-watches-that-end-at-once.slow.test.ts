import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld } from '../managed-world.ts';
import { INPUT, world } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

/** Most requests a second that one run may send in ten seconds on average, whatever watches do. */
const MOST_A_SECOND = 5;

const SLOW = {
  kind: 'Deployment',
  name: 'slow',
  namespace: 'shop',
  replicas: 6,
  spread: 'host',
  terminationGracePeriodSeconds: 120,
  terminationSeconds: 100,
} as const;

describe('#29 #64 watches that end at once are followed by a pause', () => {
  for (const resource of ['pods', 'nodes'] as const) {
    for (const sends of ['nothing', 'news'] as const) {
      for (const [engine, scenario, input] of [
        ['workflow', (faults: object[]) => world({ workloads: [SLOW], scenario: { faults: faults as never } }), INPUT],
        ['eks', (faults: object[]) => managedWorld({ scenario: { faults: faults as never } }), MANAGED],
      ] as const) {
        it(`of ${resource}, with ${sends}, engine ${engine}: few requests a second`, async () => {
          const sandbox = await watchedWorld(scenario([{ kind: 'watchEnds', resource, sends }]));
          const counts = new Map<number, number>();
          sandbox.wire.onRequest(({ at, plane, action }) => {
            if (plane !== 'kubernetes' || action.endsWith('/eviction')) return;
            const window = Math.floor(at / 10_000);
            counts.set(window, (counts.get(window) ?? 0) + 1);
          });
          const ended = await sandbox.upgrade(input);
          assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`);
          const most = Math.max(...counts.values()) / 10;
          assert.ok(most <= MOST_A_SECOND, `${most} requests a second`);
        });
      }
    }
  }
});
