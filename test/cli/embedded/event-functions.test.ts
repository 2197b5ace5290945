import assert from 'node:assert/strict';
import { scenarioSchema } from 'eks-sandbox/scenario';
import * as z from 'zod';
import { createVirtualSandbox } from '../../../cli/embedded/virtual-sandbox.ts';
import { defineStep } from '../../../clients/lambda/step.ts';
import { CLUSTER, GROUP, world } from '../../upgrade/run-upgrade.ts';

interface Event {
  readonly detail: { readonly name?: string; readonly status?: string; readonly input?: string };
}

/** A function that counts the nodes of the cluster whenever it is called, and the stack that says when that is. */
function createWatchman(events: readonly object[]) {
  const heard: (Event['detail'] & { nodes: number })[] = [];
  const step = defineStep<never, unknown>(z.custom<never>(), async ({ detail }: Event, deps) => {
    const nodes = await (await deps.cluster(CLUSTER)).listNodes();
    heard.push({ ...detail, nodes: nodes.length });
  });
  const steps = new Map([['watchman', step]]);
  const stack = { watchman: { events: events.map((eventBridge) => ({ eventBridge })) } };
  return { heard, further: { steps, stack } };
}

const scenario = () => scenarioSchema.parse(world());

describe('a function with an event in serverless.yml', () => {
  it('is told in the sandbox, too, how the executions of the named state machine end, and with which input they began', async () => {
    const { heard, further } = createWatchman([
      {
        pattern: {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: { status: ['ABORTED', 'FAILED', 'TIMED_OUT'], stateMachineArn: [{ Ref: 'UpgradeNodegroup' }] },
        },
      },
    ]);
    const { stepFunctions, clock } = await createVirtualSandbox(scenario(), further);
    const [nodegroupMachine, clusterMachine] = stepFunctions.machines;
    assert.ok(nodegroupMachine && clusterMachine);
    const text = `{"clusterName": "${CLUSTER}", "autoScalingGroupName": "${GROUP}"}`;
    for (const machine of [nodegroupMachine, clusterMachine]) {
      const execution = stepFunctions.start(machine, { text, value: JSON.parse(text) }, 'stopped');
      stepFunctions.stop(execution, {});
    }
    await clock.advance(60);
    const [first, ...others] = heard;
    assert.deepEqual(others, []);
    assert.deepEqual([first?.name, first?.status, first?.input, first?.nodes], ['stopped', 'ABORTED', text, 6]);
  });

  it('is called in the sandbox, too, at the rate that is said there', async () => {
    const { heard, further } = createWatchman([{ schedule: 'rate(5 minutes)' }]);
    const { clock } = await createVirtualSandbox(scenario(), further);
    await clock.advance(899);
    assert.equal(heard.length, 2);
    await clock.advance(2);
    assert.equal(heard.length, 3);
  });
});
