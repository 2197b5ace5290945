import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { externalClusterOf } from '../embedded/external-cluster-options.ts';
import { ClusterRefused, loadScenario, type Scenario, scenarioSchema } from '../embedded/scenarios.ts';
import { type ExternalClusterOptions, type ServedSandbox, startServedSandbox } from '../embedded/served-sandbox.ts';
import { EXIT_CODES, notFound, usageFailure } from '../failure.ts';
import { parseArguments } from './arguments.ts';
import type { CliIo, OptionSpecs, Options } from './command.ts';
import { commandHelp } from './help.ts';

const DEMO_SCENARIO = join(import.meta.dirname, '../../sandbox/scenarios/demo.yaml');

const OPTIONS: OptionSpecs = {
  scenario: {
    type: 'string',
    value: 'FILE',
    description: 'the world, as YAML; default: the demo, 30 nodes in 3 zones',
  },
  speed: { type: 'string', value: 'N', description: 'simulated seconds per real second; default: 1' },
  'aws-port': { type: 'string', value: 'N', description: 'port of the AWS endpoint; default: any free one' },
  'kubernetes-port': {
    type: 'string',
    value: 'N',
    description: 'port of the Kubernetes API, the next clusters take the ports after it; default: any free one',
  },
  'write-env': { type: 'string', value: 'FILE', description: 'also write the exports to this file, for `source FILE`' },
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    description:
      'simulate AWS only: the nodes join the cluster of this kubeconfig, kind or k3s with kwok (docs/rehearsal.md)',
  },
  context: { type: 'string', value: 'NAME', description: 'of the kubeconfig; default: its current one' },
  'workflow-token': {
    type: 'string',
    value: 'TOKEN|FILE',
    description:
      'with --kubeconfig: how the workflow reaches that cluster; default: as the group of kubernetes/rbac.yaml, impersonated',
  },
  'i-know': {
    type: 'boolean',
    description: 'with --kubeconfig: even if the server is on no private or loopback address',
  },
  schema: { type: 'boolean', description: 'print the JSON schema of scenario files and exit' },
};

/** Said of a sandbox that is faster than real time. */
const AHEAD =
  '# Its clock runs ahead of yours: where kubectl works an age out by itself (describe, events), it says <invalid>.\n';

const EXAMPLES = [
  'sandbox',
  'sandbox --speed 60 --write-env sandbox.env',
  'sandbox --scenario my-cluster.yaml --aws-port 4566 --kubernetes-port 6443',
  'sandbox --kubeconfig ~/.kube/config --context kind-rehearsal --speed 5',
  'sandbox --schema > scenario.schema.json',
];

function numberOf(options: Options, name: string, most: number): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= most) return value;
  throw usageFailure(`--${name} must be a number from 1 to ${most}, not "${text}"`);
}

/** A scenario begins now, unless it is the demo's pretended Sunday: then ages that clients compute would be odd. */
function scenarioOf(options: Options, io: CliIo): Scenario {
  const file = options.text('scenario');
  try {
    const scenario = loadScenario(file ?? DEMO_SCENARIO);
    return { ...scenario, startsAt: io.now().toISOString() };
  } catch (error) {
    throw usageFailure((error as Error).message);
  }
}

/** Text without surprises for a shell. */
const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const exportsOf = (served: ServedSandbox): string =>
  Object.entries(served.environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');

/** Where the nodes are, in a comment of the shell. */
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
#   npx --no eks-nodegroup-upgrade watch
#   npx --no eks-nodegroup-upgrade outdated
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
    awsPort: numberOf(options, 'aws-port', 65_535) ?? 0,
    kubernetesPort: numberOf(options, 'kubernetes-port', 65_535) ?? 0,
  };
  try {
    return await startServedSandbox({ scenario, speed, ...ports, ...(external !== undefined && { external }) });
  } catch (error) {
    if (error instanceof ClusterRefused) throw notFound(error.message);
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw usageFailure(`port ${(error as { port?: number }).port} is taken: name another, or none for any free one`);
  }
}

async function writeEnvFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw usageFailure(`--write-env cannot be written: ${(error as Error).message}`);
  }
}

/** Keep a sandbox up until the user interrupts. @returns the exit code */
export async function runSandbox(argv: readonly string[], io: CliIo): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    const summary = 'keep a simulated AWS region and EKS cluster up on loopback, and print what makes clients use it';
    io.stdout.write(commandHelp({ name: 'sandbox', summary, operands: '', options: OPTIONS, examples: EXAMPLES }));
    return EXIT_CODES.success;
  }
  if (argv.some((argument) => /^--env-file(=|$)/.test(argument))) {
    throw usageFailure('--env-file is called --write-env now: Node takes --env-file for an option of its own');
  }
  const { options } = parseArguments(argv, OPTIONS, 0);
  if (options.flag('schema')) {
    io.stdout.write(`${JSON.stringify(z.toJSONSchema(scenarioSchema, { io: 'input' }), null, 2)}\n`);
    return EXIT_CODES.success;
  }
  const scenario = scenarioOf(options, io);
  const speed = numberOf(options, 'speed', 10_000) ?? 1;
  const external = await externalClusterOf(options, (sentence) => io.stderr.write(`${sentence}\n`));
  if (external !== undefined && scenario.clusters.length > 1) {
    throw usageFailure('--kubeconfig takes the place of one cluster: give a --scenario that has only one');
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
