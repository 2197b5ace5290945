import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeClusterVersionsCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  ListAddonsCommand,
  ListFargateProfilesCommand,
  ListNodegroupsCommand,
  ListUpdatesCommand,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks';
import { OPERATOR_CREDENTIALS } from 'eks-sandbox';
import { loadScenario } from 'eks-sandbox/scenario';
import { sdkRequestHandler } from 'eks-sandbox/server';
import { createVirtualSandbox } from '../../cli/embedded/virtual-sandbox.ts';
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

/** The answers of EKS to a user of managed node groups, on a virtual clock. */
async function manageGroups(path: string): Promise<void> {
  const scenario = loadScenario(join(import.meta.dirname, '../../sandbox/scenarios/managed-nodegroup.yaml'));
  const { aws, clock, wire, region } = await createVirtualSandbox(scenario);
  recordAwsAnswers(wire, path);
  const eks = new EKSClient({
    region: scenario.region,
    endpoint: 'http://aws.sandbox.invalid',
    credentials: OPERATOR_CREDENTIALS,
    requestHandler: sdkRequestHandler(aws),
  });
  const workers = { clusterName: 'shop', nodegroupName: 'workers' };
  const batch = { clusterName: 'shop', nodegroupName: 'batch' };
  const { nodegroups, network } = region.state;
  const settled = () => nodegroups.of('shop').every(({ status }) => !['CREATING', 'UPDATING'].includes(status));

  const { update } = await eks.send(new UpdateNodegroupVersionCommand(workers));
  const refused = await eks.send(new UpdateNodegroupVersionCommand(workers)).catch(({ name }) => name);
  assert.equal(refused, 'ResourceInUseException');
  const subnets = network.subnets.map(({ subnetId }) => subnetId);
  await eks.send(new CreateNodegroupCommand({ ...batch, subnets, nodeRole: 'arn:aws:iam::111122223333:role/node' }));
  await clock.runUntil(settled);
  await eks.send(new DescribeUpdateCommand({ name: 'shop', nodegroupName: 'workers', updateId: update?.id }));
  await eks.send(new ListUpdatesCommand({ name: 'shop', nodegroupName: 'workers' }));
  await eks.send(new UpdateNodegroupConfigCommand({ ...batch, scalingConfig: { desiredSize: 1 } }));
  await clock.runUntil(settled);
  await eks.send(new DeleteNodegroupCommand(batch));
  await eks.send(new DescribeNodegroupCommand(batch));
  await eks.send(new ListNodegroupsCommand({ clusterName: 'shop' }));
  await eks.send(new DescribeClusterVersionsCommand({}));
  await eks.send(new ListAddonsCommand({ clusterName: 'shop' }));
  await eks.send(new ListFargateProfilesCommand({ clusterName: 'shop' }));
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

  it('fit the service model of EKS while managed groups are updated, created, configured and deleted', async () => {
    const path = join(folder, 'managed.jsonl');
    await manageGroups(path);
    const { answers, violations } = validateAwsAnswers(realAddresses().tools.pythonBin, [path]);
    // The janitor, which comes by every 5 minutes, asks as well.
    assert.ok(answers >= 12, `${answers} answers`);
    assert.deepEqual(violations, []);
  });
});
