import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createWorld, INPUT, world } from '../../upgrade/run-upgrade.ts';

const FURTHEST_REQUEST = 20;

describe('a plan whose function dies', () => {
  for (const kind of ['functionCrashes', 'functionTimesOut'] as const)
    it(`is made by another process, at whichever request it happened: ${kind}`, async () => {
      for (let afterRequests = 0; afterRequests <= FURTHEST_REQUEST; afterRequests += 1) {
        const fault = { kind, function: 'planUpgrade', afterRequests } as const;
        const sandbox = await createWorld(world({ scenario: { faults: [fault] } }));
        const { status, cause } = await sandbox.upgrade({ ...INPUT, dryRun: true });
        assert.equal(status, 'SUCCEEDED', `after ${afterRequests} requests: ${cause}`);
      }
    });
});
