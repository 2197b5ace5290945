import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type CliIo, type CommandContext, INVOCATION, type Options } from '../commands/command.ts';
import { EXIT_CODES, notFound, usageFailure } from '../failure.ts';
import type { ExternalClusterOptions } from './external-cluster.ts';
import { externalClusterOf } from './external-cluster-options.ts';
import { readScenario } from './scenario-file.ts';
import { ClusterRefused, type Scenario, scenarioSchema } from './scenarios.ts';
import { type ServedSandbox, startServedSandbox } from './served-sandbox.ts';

/** Simulated seconds per real second. */
const MOST_SPEED = 10_000;
/**
 * With a cluster outside the sandbox: its watches last in real time, and a step, whose timeout runs in simulated time, must outlive
 * the longest.
 */
const MOST_SPEED_OUTSIDE = 3;
const DEMO_SCENARIO = join(import.meta.dirname, '../../sandbox/scenarios/demo.yaml');

/** For a sandbox that is faster than real time. */
const AHEAD =
  '# The clock of the sandbox is ahead of yours: kubectl shows <invalid> for ages that it computes itself (describe, events).\n';

function portOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw usageFailure(`--${name} must be a whole number from 1 to 65535, not "${text}"`);
}

function speedOf(options: Options): number {
  const text = options.text('speed') ?? '1';
  const speed = Number(text);
  if (speed > 0 && speed <= MOST_SPEED) return speed;
  throw usageFailure(`--speed must be a number above 0 and at most ${MOST_SPEED}, not "${text}"`);
}

/** The scenario to serve. It starts now: with the start time of its file, clients would compute wrong ages. */
const scenarioOf = (options: Options, io: CliIo): Scenario => ({
  ...readScenario(options.text('scenario') ?? DEMO_SCENARIO),
  startsAt: io.now().toISOString(),
});

/** Quote a text for a shell. */
const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const exportsOf = (served: ServedSandbox): string =>
  Object.entries(served.environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');

/** The clusters in words, for a shell comment. */
function clustersOf({ clusters }: Scenario, external: ExternalClusterOptions | undefined): string {
  if (external === undefined) return clusters.map(({ name, version }) => `cluster ${name} (${version})`).join(', ');
  const { context, server } = external.cluster;
  return `cluster ${clusters[0]?.name} is context ${context} at ${server}`;
}

function greeting(
  scenario: Scenario,
  served: ServedSandbox,
  speed: number,
  external: ExternalClusterOptions | undefined,
): string {
  const [cluster] = scenario.clusters;
  const [group] = cluster?.groups ?? [];
  const target =
    group?.managed === undefined
      ? `"autoScalingGroupName": "${group?.name}"`
      : `"nodegroupName": "${group.managed.nodegroupName}"`;
  return `# Sandbox "${scenario.name}": ${clustersOf(scenario, external)}, at ${speed} x real time.
# Paste these lines into another terminal, or source the file of --write-env:
${exportsOf(served)}
# Then, for example:
#   kubectl get nodes --watch
#   aws stepfunctions start-execution --state-machine-arn "$EKS_NODEGROUP_UPGRADE_STATE_MACHINE" \\
#     --input '{"clusterName": "${cluster?.name}", ${target}}'
#   ${INVOCATION} watch
#   ${INVOCATION} outdated
${speed > 1 ? AHEAD : ''}# Ctrl-C stops it${external === undefined ? '' : ' and deletes the nodes it registered'}.
`;
}

async function start(
  options: Options,
  scenario: Scenario,
  speed: number,
  external: ExternalClusterOptions | undefined,
): Promise<ServedSandbox> {
  const ports = {
    awsPort: portOf(options, 'aws-port') ?? 0,
    kubernetesPort: portOf(options, 'kubernetes-port') ?? 0,
  };
  try {
    return await startServedSandbox({ scenario, speed, ...ports, ...(external !== undefined && { external }) });
  } catch (error) {
    if (error instanceof ClusterRefused) throw notFound(error.message);
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw usageFailure(
      `port ${(error as { port?: number }).port} is in use: give another one, or leave the option out to use any free port`,
    );
  }
}

async function writeEnvFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw usageFailure(`the file of --write-env cannot be written: ${(error as Error).message}`);
  }
}

/** Serve a sandbox until the user interrupts. @returns the exit code */
export async function runSandbox({ options, ...io }: CommandContext): Promise<number> {
  if (options.flag('schema')) {
    io.stdout.write(`${JSON.stringify(z.toJSONSchema(scenarioSchema, { io: 'input' }), null, 2)}\n`);
    return EXIT_CODES.success;
  }
  const scenario = scenarioOf(options, io);
  const speed = speedOf(options);
  if (options.text('kubeconfig') !== undefined && speed > MOST_SPEED_OUTSIDE) {
    throw usageFailure(
      `--speed must be at most ${MOST_SPEED_OUTSIDE} with --kubeconfig, not "${speed}": your cluster stays at real time, and steps would time out while they watch it`,
    );
  }
  const external = await externalClusterOf(options, (sentence) => io.stderr.write(`${sentence}\n`));
  if (external !== undefined && scenario.clusters.length > 1) {
    throw usageFailure('--kubeconfig replaces one cluster: give a --scenario with one cluster only');
  }
  const served = await start(options, scenario, speed, external);
  try {
    const envFile = options.text('write-env');
    if (envFile !== undefined) await writeEnvFile(envFile, exportsOf(served));
    io.stdout.write(greeting(scenario, served, speed, external));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    return EXIT_CODES.success;
  } finally {
    await served.close();
  }
}
