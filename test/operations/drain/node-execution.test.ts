import assert from 'node:assert/strict';
import sinon from 'sinon';
import { runStep } from '../../../clients/lambda/step.ts';
import type { NodeStep } from '../../../domain/drain/node-step.ts';
import { drainSchema, terminationSchema } from '../../../domain/state.ts';
import type { Node } from '../../../domain/types.ts';
import { cordonNode } from '../../../functions/cordon-node.ts';
import { drainNode } from '../../../functions/drain-node.ts';
import { terminateInstance } from '../../../functions/terminate-instance.ts';
import { aBudget } from '../../domain/builders.ts';
import type { PortsInMemory } from '../ports-in-memory.ts';
import { aStep, INSTANCE, later, nodeInHand, nodeOf, onNode } from './node-world.ts';

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Take the steps of statemachines/upgrade-node.asl.yaml until the execution ends. @returns what ended it */
async function execute({ deps, clock }: PortsInMemory, input: NodeStep, inTheWait: () => void = () => undefined) {
  let step = input;
  const taken: string[] = [];
  for (;;) {
    const drain = throughJson(await runStep(drainNode, throughJson(step), deps));
    assert.deepEqual(drainSchema.parse(drain), drain, 'the output is what the schema says');
    step = { ...step, drain };
    taken.push(`drain ${drain.status}`);
    if (drain.status === 'draining') {
      await clock.sleep(drain.waitSeconds);
      continue;
    }
    if (drain.status !== 'drained' && drain.status !== 'unregistered') return { taken, end: drain };
    if (drain.status === 'drained') {
      const cordon = throughJson(await runStep(cordonNode, throughJson(step), deps));
      step = { ...step, drain: { ...drain, cordon } };
      await clock.sleep(input.run.cordonWaitSeconds);
      inTheWait();
    }
    const termination = throughJson(await runStep(terminateInstance, throughJson(step), deps));
    assert.deepEqual(terminationSchema.parse(termination), termination);
    taken.push(`terminate ${termination.status}`);
    if (termination.status !== 'occupied') return { taken, end: termination };
  }
}

const edit = (ports: PortsInMemory, change: Partial<Node>) =>
  ports.kubernetes.nodes.set('node-0', { ...nodeOf(ports), resourceVersion: '900', ...change });

describe('the execution of a node', () => {
  it('drains, cordons and terminates', async () => {
    const ports = nodeInHand(onNode());
    const { taken } = await execute(ports, aStep());
    assert.deepEqual(taken, ['drain drained', 'terminate terminating']);
    assert.deepEqual(
      ports.changes.map((change) => change.split(' ')[0]),
      ['patchNode', 'evict', 'patchNode', 'patchNode', 'terminate'],
    );
  });

  it('asks at most 10 times of Kubernetes, besides evictions and one request for each 40 s of waiting, and once of AWS', async () => {
    const ports = nodeInHand(onNode());
    const asked = Object.keys(ports.cluster).map((method) => sinon.spy(ports.cluster, method as 'evict'));
    const aws = Object.keys(ports.deps.autoScaling).map((method) =>
      sinon.spy(ports.deps.autoScaling, method as 'resize'),
    );
    await execute(ports, aStep());
    const count = (spies: readonly sinon.SinonSpy[]) => spies.reduce((sum, { callCount }) => sum + callCount, 0);
    const waitedSeconds = (ports.clock.now().getTime() - Date.parse(later(0))) / 1000;
    assert.ok(
      count(asked) - 1 <= 10 + Math.floor(waitedSeconds / 40),
      `${count(asked) - 1} requests in ${waitedSeconds} s`,
    );
    assert.equal(count(aws), 1);
  });

  it('drains again when the node was uncordoned and untainted by hand in the wait, and pods have come', async () => {
    const ports = nodeInHand(onNode());
    let isFirst = true;
    const { taken } = await execute(ports, aStep(), () => {
      if (!isFirst) return;
      isFirst = false;
      edit(ports, { taints: [], isUnschedulable: false });
      ports.kubernetes.pods.set('new', onNode({ uid: 'new', name: 'new' }));
    });
    assert.deepEqual(taken, ['drain drained', 'terminate occupied', 'drain drained', 'terminate terminating']);
    assert.deepEqual(
      ports.changes.filter((change) => !change.startsWith('patchNode')),
      [`evict ${onNode().name}`, 'evict new', `terminate ${INSTANCE} {"decrement":false}`],
    );
    assert.equal(nodeOf(ports).isUnschedulable, true);
  });

  it('ends, however often the node fills again: a budget of histories is not endless', async () => {
    const ports = nodeInHand();
    let count = 0;
    const { taken, end } = await execute(
      ports,
      aStep({ run: { cordonWaitSeconds: 0, drainTimeoutSeconds: 86_400 } }),
      () => {
        count += 1;
        const owner = { kind: 'Job', name: `job-${count}`, uid: `job-${count}` };
        ports.kubernetes.pods.set(`job-${count}`, onNode({ uid: `job-${count}`, name: `job-${count}`, owner }));
      },
    );
    assert.equal(end.status, 'blocked');
    assert.ok(taken.length <= 30, `${taken.length} steps`);
  });

  it('stays blocked by a budget until the deadline, which a retry does not move, and leaves the node usable', async () => {
    const ports = nodeInHand(onNode());
    ports.kubernetes.budgets = [aBudget({ disruptionsAllowed: 0, currentHealthy: 2 })];
    const { taken, end } = await execute(ports, aStep());
    assert.equal(end.status, 'blocked');
    assert.ok(taken.length <= 20, `${taken.length} steps`);
    const seconds = (ports.clock.now().getTime() - Date.parse(later(0))) / 1000;
    assert.ok(seconds >= 900 && seconds <= 905, `${seconds} s`);
    assert.deepEqual(
      [nodeOf(ports).isUnschedulable, nodeOf(ports).labels],
      [false, { 'eks-nodegroup-upgrade/in-hand': nodeOf(ports).labels['eks-nodegroup-upgrade/in-hand'] }],
    );
  });

  it('waits longer between steps after an hour, so that its history stays short', async () => {
    const ports = nodeInHand(onNode());
    ports.kubernetes.budgets = [aBudget({ disruptionsAllowed: 0, currentHealthy: 2 })];
    const { taken } = await execute(ports, aStep({ run: { drainTimeoutSeconds: 86_400 } }));
    assert.ok(taken.length < 1000, `${taken.length} steps in a day`);
  });
});
