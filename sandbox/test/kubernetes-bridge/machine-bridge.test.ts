import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Node } from '../../kubernetes/kinds/node.ts';
import { MACHINE_LABEL } from '../../kubernetes-bridge/bridged-node.ts';
import type { ExternalCluster } from '../../kubernetes-bridge/external-cluster.ts';
import { createMachineBridge } from '../../kubernetes-bridge/machine-bridge.ts';
import type { Machine } from '../../world/machines.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

const NAME = 'ip-10-0-0-4.eu-west-1.compute.internal';
const MACHINE: Machine = {
  instanceId: 'i-0aaaaaaaaaaaaaaa1',
  autoScalingGroupName: 'workers',
  instanceType: 'm6i.xlarge',
  availabilityZone: 'eu-west-1a',
  privateDnsName: NAME,
  privateIpAddress: '10.0.0.4',
  imageId: 'ami-0aaaaaaaaaaaaaaa1',
  architecture: 'x86_64',
  kubeletVersion: 'v1.33.5',
  osImage: 'Amazon Linux 2023',
  boots: 'ready',
  labels: { role: 'worker' },
  taints: [],
  capacity: { cpu: '4', memory: '16Gi', pods: 58 },
};
const TIMINGS = { joinSeconds: 30, readySeconds: 15, nodeMonitorGraceSeconds: 50, nodeDeletionSeconds: 5 };
const READY = [{ type: 'Ready', status: 'True' as const }];

/** A cluster that holds nodes and nothing else, whose kubelets are Ready when kwok would take them. */
function setUp(existing: readonly Node[] = []) {
  const nodes = new Map(existing.map((node) => [node.metadata.name, node]));
  let uids = 0;
  const cluster = {
    async request(method: string, path: string, body?: object) {
      const name = path.split('/')[4]?.split('?')[0] ?? '';
      const answer = (status: number, object: object = {}) => ({ status, body: object });
      const found = nodes.get(name);
      if (method === 'POST') {
        const node = body as Node;
        if (nodes.has(node.metadata.name)) return answer(409);
        const metadata = { ...node.metadata, uid: `uid-${++uids}` };
        nodes.set(metadata.name, { ...node, metadata, status: { ...node.status, conditions: READY } });
        return answer(201, nodes.get(metadata.name));
      }
      if (method === 'GET' && name === '') return answer(200, { items: [...nodes.values()] });
      if (found === undefined) return answer(404);
      if (method === 'DELETE') {
        if ((body as { preconditions: { uid: string } }).preconditions.uid !== found.metadata.uid) return answer(409);
        nodes.delete(name);
      }
      return answer(200, found);
    },
  } as unknown as ExternalCluster;
  const clock = createVirtualClock(0);
  const problems: string[] = [];
  const bridge = createMachineBridge({
    cluster,
    clock,
    region: 'eu-west-1',
    timings: TIMINGS,
    pause: async () => undefined,
    onProblem: (sentence) => problems.push(sentence),
  });
  return { bridge, clock, nodes, problems };
}

const foreign = (labels: Record<string, string>): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: NAME, uid: 'theirs', resourceVersion: '1', creationTimestamp: '', labels },
});

describe('the machines of a simulated cloud in a cluster that is not ours', () => {
  it('are nodes from the start, with provider id, zone and the annotation that kwok looks for', async () => {
    const { bridge, nodes } = setUp();
    bridge.machineExisted(MACHINE);
    await bridge.settled();
    const node = nodes.get(NAME);
    assert.equal(node?.spec?.providerID, 'aws:///eu-west-1a/i-0aaaaaaaaaaaaaaa1');
    assert.equal(node?.metadata.labels?.['topology.kubernetes.io/zone'], 'eu-west-1a');
    assert.equal(node?.metadata.labels?.role, 'worker');
    assert.equal(node?.metadata.annotations?.['kwok.x-k8s.io/node'], 'fake');
  });

  it('join when they would have become Ready, and leave when the cloud controller would have noticed', async () => {
    const { bridge, clock, nodes } = setUp();
    bridge.machineInService(MACHINE);
    await clock.advance(44);
    assert.equal(nodes.size, 0);
    await clock.advance(2);
    assert.equal(nodes.size, 1);
    bridge.machineStopping(MACHINE.instanceId);
    await clock.advance(30);
    bridge.machineGone(MACHINE.instanceId);
    await clock.advance(24);
    assert.equal(nodes.size, 1);
    await clock.advance(2);
    assert.equal(nodes.size, 0);
  });

  it('#76 take the place of what an earlier sandbox left behind', async () => {
    const { bridge, nodes } = setUp([foreign({ [MACHINE_LABEL]: 'i-0bbbbbbbbbbbbbbb2' })]);
    bridge.machineExisted(MACHINE);
    await bridge.settled();
    assert.equal(nodes.get(NAME)?.metadata.uid, 'uid-1');
  });

  it('leave a node alone that no sandbox registered, and say so', async () => {
    const { bridge, nodes } = setUp([foreign({})]);
    bridge.machineExisted(MACHINE);
    await assert.rejects(bridge.settled(), /the cluster has a Node of this name that no sandbox registered/);
    await bridge.withdraw();
    assert.equal(nodes.get(NAME)?.metadata.uid, 'theirs');
  });

  it('#76 are all gone once the sandbox withdraws', async () => {
    const { bridge, nodes } = setUp();
    bridge.machineExisted(MACHINE);
    await bridge.settled();
    await bridge.withdraw();
    assert.equal(nodes.size, 0);
  });
});
