import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { loadScenario, type ScenarioInput } from 'eks-sandbox/scenario';
import { describe, it } from 'mocha';
import { startServedSandbox } from '../../cli/embedded/served-sandbox.ts';
import { blockingWorkload, createClusterWorld, fleet, group, renewed } from '../upgrade/run-cluster.ts';
import { image, NEW_AMI, OLD_AMI } from '../upgrade/run-upgrade.ts';
import { type Outcome, run } from './run.ts';

const FLEET = join(import.meta.dirname, '../../sandbox/scenarios/fleet.yaml');
const PROGRAM = join(import.meta.dirname, '../../cli/eks-nodegroup-upgrade.mjs');

async function outdated(scenario: ScenarioInput, ...argv: string[]): Promise<Outcome> {
  const { deps } = await createClusterWorld(scenario);
  const names = scenario.clusters.map(({ name }) => name);
  return run(['outdated', ...argv], {
    reader: { deps, nodeExecutions: async () => deps.nodeExecutions, listClusters: async () => names },
  });
}

/** The row of the table whose group has this name, as its cells. */
const rowOf = ({ stdout }: Outcome, name: string): string[] =>
  stdout
    .split('\n')
    .map((line) => line.split(/ {2,}/))
    .find(([, cell]) => cell === name) ?? [];

const secondCluster = (groups: Parameters<typeof fleet>[0], more: object = {}): ScenarioInput => {
  const scenario = fleet([renewed('fine')]);
  return { ...scenario, clusters: [...scenario.clusters, { name: 'other', groups: [...groups], ...more }] };
};

/** An AWS action that is refused, however often it is asked for. */
const refusing = (action: string, error = 'AccessDeniedException'): Partial<ScenarioInput> => ({
  faults: [{ kind: 'fail', action, error, times: 1000 }],
});

describe('command line: outdated', () => {
  it('shows for every group its release, the newest one and the days between them, and ends with 10', async () => {
    const outcome = await outdated(fleet([group('old'), renewed('new')], { workloads: [blockingWorkload('old')] }));
    assert.equal(outcome.exitCode, 10);
    assert.deepEqual(rowOf(outcome, 'old'), [
      'shop',
      'old',
      '1.33',
      '1.33-20251120',
      '1.33.5-20251229',
      '39',
      '2 of 2',
      'workflow',
      '2',
    ]);
    assert.deepEqual(rowOf(outcome, 'new').slice(5), ['0', '0 of 2', 'workflow', '0']);
    assert.match(outcome.stdout, /2 nodes of 1 group are outdated\./);
    assert.match(outcome.stdout, /shop \/ old: would block a drain: shop\/old-strict-\S+ \(PodDisruptionBudget/);
  });

  it('ends with 0 when no node is outdated', async () => {
    const { exitCode, stdout } = await outdated(fleet([renewed('new')]));
    assert.equal(exitCode, 0);
    assert.match(stdout, /No outdated node was found/);
  });

  const unknownWorlds = {
    'SSM refuses': fleet([group('old')], {}, refusing('GetParameter')),
    'EC2 refuses': fleet([group('old')], {}, refusing('DescribeImages')),
    'EKS refuses': fleet([group('eks', { managed: { nodegroupName: 'blue' } })], {}, refusing('DescribeNodegroup')),
    'SSM throttles': fleet([group('old')], {}, refusing('GetParameter', 'ThrottlingException')),
    'nobody publishes an AMI': { ...fleet([group('old')]), images: [image(OLD_AMI, '20251120')] },
  };
  for (const [what, scenario] of Object.entries(unknownWorlds)) {
    it(`#58 ends with 3 and does not say that none is outdated when ${what}`, async () => {
      const { exitCode, stdout } = await outdated(scenario);
      assert.equal(exitCode, 3, stdout);
      assert.doesNotMatch(stdout, /^No outdated node was found\.$/m);
      assert.match(stdout, /nothing was compared|not everything could be compared/);
    });
  }

  it('#58 ends with 3 when the region has no cluster', async () => {
    const { deps } = await createClusterWorld(fleet([renewed('new')]));
    const reader = { deps, nodeExecutions: async () => deps.nodeExecutions, listClusters: async () => [] };
    const { exitCode, stdout } = await run(['outdated'], { reader });
    assert.deepEqual([exitCode, stdout.trim()], [3, 'No cluster was found, so nothing was compared.']);
  });

  it('#58 ends with 3 as JSON too', async () => {
    const { exitCode } = await outdated(unknownWorlds['SSM refuses'], '--json');
    assert.equal(exitCode, 3);
  });

  it('shows the release of the last outdated node of a group that is nearly done', async () => {
    const nearly = group('nearly', { desiredCapacity: 3, renewedNodes: 2, renewedAmiId: NEW_AMI });
    const row = rowOf(await outdated(fleet([nearly])), 'nearly');
    assert.deepEqual(row.slice(3, 7), ['1.33-20251120', '1.33.5-20251229', '39', '1 of 3']);
  });

  it('shows a managed group with the release that EKS records, and who upgrades it', async () => {
    const managed = group('eks-blue', { managed: { nodegroupName: 'blue' } });
    const row = rowOf(await outdated(fleet([managed])), 'blue');
    assert.deepEqual([row[3], row[7]], ['1.33.5-20251120', 'eks']);
  });

  it('shows a group whose nodes are a Kubernetes version behind their cluster', async () => {
    const old = { kubernetesVersion: '1.32', name: 'amazon-eks-node-al2023-x86_64-standard-1.32-v20251120' };
    const scenario = fleet([group('old')]);
    const images = [{ ...image(OLD_AMI, '20251120'), ...old }, image(NEW_AMI, '20251229', { isRecommended: true })];
    assert.equal(rowOf(await outdated({ ...scenario, images }), 'old')[2], '1.32 (cluster 1.33)');
  });

  it('lists nodes that are out of scope with the reason', async () => {
    const otherNodes = [{ kind: 'karpenter' as const, name: 'spot', nodes: 3, zone: 'eu-west-1a' }];
    const outcome = await outdated(fleet([renewed('new')], { otherNodes }));
    assert.deepEqual(rowOf(outcome, 'spot').slice(-3), ['3 nodes', 'karpenter', 'out of scope']);
    assert.match(outcome.stdout, /shop \/ spot: Karpenter replaces its nodes itself/);
    assert.equal(outcome.exitCode, 0);
  });

  it('shows that it is unknown whether a group without a recommended AMI is outdated', async () => {
    const custom = 'ami-0eeeeeeeeeeeeeee5';
    const scenario = fleet([group('own', { amiId: custom })]);
    const images = [...(scenario.images ?? []), { ...image(custom, '20251120'), name: 'golden-image-7' }];
    const outcome = await outdated({ ...scenario, images });
    assert.equal(rowOf(outcome, 'own')[6], '? of 2');
    assert.match(outcome.stdout, /shop \/ own: .*"golden-image-7", is not one that AWS publishes/);
    assert.equal(outcome.exitCode, 3);
  });

  it('shows a group that cannot be upgraded, with the reason', async () => {
    const outcome = await outdated(fleet([group('pool', { warmPool: true })]));
    assert.equal(rowOf(outcome, 'pool')[6], '2 of 2');
    assert.match(outcome.stdout, /shop \/ pool: .*has a warm pool/);
  });

  it('still compares releases where the Kubernetes API refuses, and says why the pods are unknown', async () => {
    const deniedRules = [{ verb: 'list', resource: 'pods' }];
    const outcome = await outdated(fleet([group('old')], { deniedRules }));
    assert.deepEqual(rowOf(outcome, 'old').slice(5), ['39', '2 of 2', 'workflow', '?']);
    assert.match(outcome.stdout, /shop: pods cannot be read: .*list/);
    assert.equal(outcome.exitCode, 10);
  });

  it('reads all clusters of the region, including one that is being created', async () => {
    const outcome = await outdated(secondCluster([], { status: 'CREATING' }));
    assert.equal(rowOf(outcome, 'fine')[0], 'shop');
    assert.match(outcome.stdout, /other: pods cannot be read: the cluster is CREATING/);
    assert.equal(outcome.exitCode, 0);
  });

  it('shows the others when one cluster cannot be read, and ends with 3', async () => {
    const outcome = await outdated(fleet([renewed('new')]), '--cluster', 'shop', '--cluster', 'nope');
    assert.equal(rowOf(outcome, 'new')[0], 'shop');
    assert.match(outcome.stdout, /^nope +\?/m);
    assert.match(outcome.stdout, /nope: there is no EKS cluster "nope"/);
    assert.equal(outcome.exitCode, 3);
  });

  it('prints the error alone for a cluster that does not exist, and ends with 3', async () => {
    const outcome = await outdated(fleet([renewed('new')]), '--cluster', 'nope');
    assert.equal(outcome.stdout, '');
    assert.equal(
      outcome.stderr,
      'eks-nodegroup-upgrade: nope: there is no EKS cluster "nope" in this account and region\n',
    );
    assert.equal(outcome.exitCode, 3);
  });

  it('prints the error of a cluster that does not exist as JSON too', async () => {
    const { stdout, exitCode } = await outdated(fleet([renewed('new')]), '--cluster', 'nope', '--json');
    assert.match(JSON.parse(stdout)[0].error, /no EKS cluster "nope"/);
    assert.equal(exitCode, 3);
  });

  it('prints the same as JSON', async () => {
    const { stdout, exitCode } = await outdated(fleet([group('old')]), '--json');
    const [cluster] = JSON.parse(stdout);
    assert.equal(exitCode, 10);
    assert.equal(cluster.kubernetesVersion, '1.33');
    const { status, daysBehind, nodes } = cluster.groups[0];
    assert.deepEqual(
      { status, daysBehind, nodes },
      { status: 'outdated', daysBehind: 39, nodes: { total: 2, outdated: 2 } },
    );
  });

  it('documents its exit codes', async () => {
    const { stdout } = await run(['outdated', '--help']);
    assert.match(stdout, /Usage: eks-nodegroup-upgrade outdated/);
    assert.match(stdout, /10 {2}outdated: some nodes are outdated/);
  });

  it('needs only an endpoint and credentials, as with AWS', async () => {
    const served = await startServedSandbox({ scenario: loadScenario(FLEET), speed: 1 });
    try {
      const env = { ...served.environment, PATH: process.env.PATH };
      const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
        execFile(process.execPath, [PROGRAM, 'outdated'], { env }, (error, out) =>
          resolve({ code: error?.code, stdout: out }),
        );
      });
      assert.equal(code, 10);
      assert.match(stdout, /^analytics +analytics-rocket +1\.32 +1\.49\.0-1a2b3c4d +1\.52\.0-5e6f7a8b +55 +3 of 3/m);
      assert.match(stdout, /^shop +web +1\.33 .* eks /m);
      assert.doesNotMatch(stdout, /pods cannot be read/);
    } finally {
      await served.close();
    }
  }).timeout(120_000);
});
