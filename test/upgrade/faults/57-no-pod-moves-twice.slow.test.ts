import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { traces } from './as-it-was.ts';
import { undrained, watchedWorld } from './watched-world.ts';

const ZONES = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `eu-west-1${letter}`);

describe('#57 where nobody interferes no pod moves twice in a run', () => {
  const rows: [nodes: number, zones: number, input: object][] = [
    [4, 3, {}],
    [6, 3, { updateConfig: { surge: 50 } }],
    [1, 6, {}],
    [2, 6, {}],
    [5, 3, { updateConfig: { maxUnavailable: 2 } }],
    [7, 2, { updateConfig: { maxUnavailable: 3 } }],
  ];
  for (const [nodes, zones, input] of rows) {
    it(`${nodes} nodes, ${zones} zones, ${JSON.stringify(input)}: as many evictions as pods, and the time that the plan says`, async () => {
      const group = { desiredCapacity: nodes, minSize: 0, maxSize: nodes + 1, zones: ZONES.slice(0, zones) };
      const sandbox = await watchedWorld(world({ group }));
      const pods = sandbox.pods().filter(({ metadata }) => metadata.namespace === 'shop').length;
      const execution = sandbox.start({ ...INPUT, ...input });
      const ended = await sandbox.end(execution);
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(sandbox.amis(), Array(nodes).fill(NEW_AMI));
      assert.deepEqual(undrained(sandbox), []);
      const accepted = sandbox.wire.entries.filter(
        ({ action, status }) => action.endsWith('/eviction') && status === 201,
      );
      assert.equal(accepted.length, pods);
      const took = ((execution.stoppedAt as number) - execution.startedAt) / 1000;
      const told = ended.output.plan.estimate.durationSeconds;
      assert.ok(took <= 1.5 * told && told <= 1.5 * took, `${told} s told, ${took} s taken`);
    });
  }

  const unlike: [nodes: number, parallelism: number, zones: number, slow: number][] = [
    [24, 6, 3, 5],
    [16, 5, 3, 3],
    [16, 3, 2, 4],
  ];
  for (const [nodes, parallelism, zones, slow] of unlike) {
    it(`${nodes} nodes, ${parallelism} at a time, of which ${slow} take seven minutes: no new node is drained, and zones end even`, async () => {
      const group = { desiredCapacity: nodes, minSize: 0, maxSize: nodes, zones: ZONES.slice(0, zones) };
      const stopsSlowly = { terminationSeconds: 400, terminationGracePeriodSeconds: 600 };
      const workload = { kind: 'Deployment', namespace: 'shop', antiAffinity: 'host' } as const;
      const sandbox = await watchedWorld(
        world({
          group,
          workloads: [
            { ...workload, name: 'slow', replicas: slow, ...stopsSlowly },
            { ...workload, name: 'everywhere', replicas: nodes },
          ],
        }),
      );
      const ended = await sandbox.end(sandbox.start({ ...INPUT, updateConfig: { maxUnavailable: parallelism } }));
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.equal(sandbox.terminations.length, nodes);
      assert.deepEqual(sandbox.amis(), Array(nodes).fill(NEW_AMI));
      const byZone = traces(sandbox).nodesOfZones;
      assert.ok(Math.max(...byZone) - Math.min(...byZone) <= 1, byZone.join());
    });
  }
});
