import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ALL, createClusterWorld, fleet, group } from '../run-cluster.ts';

const GROUPS = 100;
const LONGEST_NAME = 255;
const LIMIT_BYTES = 262_144;
const nameOf = (index: number) => `${index}-${'workers-of-a-team-'.repeat(20)}`.slice(0, LONGEST_NAME);

describe('#65 a cluster of a hundred groups with the longest names says how each of them ended', () => {
  it(`${LONGEST_NAME} characters, all failing, forty at a time`, async () => {
    const names = Array.from({ length: GROUPS }, (_, index) => nameOf(index));
    const faults = [{ kind: 'iamDenies', action: 'autoscaling:SuspendProcesses' } as const];
    const world = await createClusterWorld(
      fleet(
        names.map((name) =>
          group(name, { zones: ['eu-west-1a'], minSize: 1, desiredCapacity: 1, maxSize: 3, labels: {} }),
        ),
        {},
        { faults },
      ),
    );
    const ended = await world.upgrade({ ...ALL, maxParallelNodegroups: 40, onNodegroupFailure: 'continue' });
    assert.equal(ended.error, 'AccessDenied', `${ended.status} ${ended.error} ${ended.cause}`);
    assert.match(ended.cause, /^100 node groups of shop: 100 failed\. /);
    assert.equal(ended.completion?.nodegroups.length, GROUPS);
    for (const end of ended.completion?.nodegroups ?? []) {
      assert.equal(end.outcome, 'failed');
      assert.ok((end.reason ?? '').length >= 40, end.name);
    }
    const { history } = ended.execution;
    const bytes = history.all().map(({ stateExitedEventDetails: details }) => {
      const { output = '' } = (details ?? {}) as { output?: string };
      return Buffer.byteLength(output);
    });
    assert.ok(Math.max(...bytes) < LIMIT_BYTES - 10_000, `${Math.max(...bytes)} bytes`);
  });
});
