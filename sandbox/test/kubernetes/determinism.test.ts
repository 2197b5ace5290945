import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSimulatedWorld } from './simulated-world.ts';

/** A busy quarter of an hour: a node joins, one is drained, one dies. */
async function liveThrough(seed: number): Promise<string> {
  const world = createSimulatedWorld({
    seed,
    nodes: 5,
    workloads: [
      { kind: 'Deployment', name: 'web', replicas: 12, spread: 'zone', budget: { maxUnavailable: '25%' } },
      { kind: 'Deployment', name: 'broken', replicas: 2, isReady: false },
      { kind: 'StatefulSet', name: 'db', replicas: 3, volumeClaim: true },
      { kind: 'DaemonSet', name: 'agent' },
      { kind: 'Job', name: 'batch', replicas: 2, runSeconds: 200 },
    ],
    faults: [{ kind: 'nodeNotReady', atSeconds: 300, group: 'group', nodes: 1 }],
  });
  world.cluster.machineInService(world.machine(11));
  await world.clock.advance(60);
  world.cordon(world.nodeNames[1] as string);
  world.drain(world.nodeNames[1] as string);
  await world.clock.advance(60);
  world.cluster.machineStopping(world.machine(2).instanceId);
  await world.clock.advance(30);
  world.cluster.machineGone(world.machine(2).instanceId);
  await world.clock.advance(750);
  return createHash('sha256').update(world.dump()).digest('hex');
}

describe('the simulated cluster', () => {
  it('the same seed gives the same history', async () => {
    assert.equal(await liveThrough(7), await liveThrough(7));
  });

  it('a different seed gives a different history', async () => {
    assert.notEqual(await liveThrough(7), await liveThrough(8));
  });
});
