import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario } from '../../sandbox/world/load-scenario.ts';
import { createVirtualSandbox } from '../../scripts/embedded/virtual-sandbox.ts';
import { recordAwsAnswers, validateAwsAnswers } from './aws-answers.ts';
import { realAddresses } from './environment.ts';

/** The answers of an upgrade of the demo's world, on a virtual clock. */
async function upgradeDemo(path: string): Promise<string> {
  const scenario = loadScenario(join(import.meta.dirname, '../../sandbox/scenarios/demo.yaml'));
  const sandbox = await createVirtualSandbox(scenario);
  recordAwsAnswers(sandbox.wire, path);
  const [cluster] = scenario.clusters;
  const { stepFunctions, clock } = sandbox;
  const [machine] = stepFunctions.machines;
  if (machine === undefined || cluster === undefined) throw new Error('the demo has a state machine and a cluster');
  const input = { clusterName: cluster.name, autoScalingGroupName: cluster.groups[0]?.name };
  const execution = stepFunctions.start(machine, { text: JSON.stringify(input), value: input as never }, 'models');
  await clock.runUntil(() => execution.status !== 'RUNNING');
  return execution.status;
}

describe('answers of the simulated AWS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-answers-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('fit the service models of AWS during an upgrade of the demo', async () => {
    const path = join(folder, 'demo.jsonl');
    assert.equal(await upgradeDemo(path), 'SUCCEEDED');
    const { answers, violations } = validateAwsAnswers(realAddresses().tools.pythonBin, [path]);
    assert.ok(answers > 100, `${answers} answers`);
    assert.deepEqual(violations, []);
  });
});
