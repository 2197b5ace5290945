import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { loadScenario } from '../../sandbox/world/load-scenario.ts';
import { type Scenario, scenarioSchema } from '../../sandbox/world/scenario.ts';
import { EXIT_CODES, usageFailure } from '../cli-failure.ts';
import { type ServedSandbox, startServedSandbox } from '../embedded/served-sandbox.ts';
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
  'env-file': { type: 'string', value: 'FILE', description: 'also write the exports to this file, for `source FILE`' },
  schema: { type: 'boolean', description: 'print the JSON schema of scenario files and exit' },
};

const EXAMPLES = [
  'sandbox',
  'sandbox --speed 60 --env-file sandbox.env',
  'sandbox --scenario my-cluster.yaml --aws-port 4566 --kubernetes-port 6443',
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

function greeting(scenario: Scenario, served: ServedSandbox, speed: number): string {
  const [cluster] = scenario.clusters;
  const [group] = cluster?.groups ?? [];
  const target =
    group?.managed === undefined
      ? `"autoScalingGroupName": "${group?.name}"`
      : `"nodegroupName": "${group.managed.nodegroupName}", "engine": "workflow"`;
  return `# Sandbox "${scenario.name}": ${scenario.clusters.map(({ name, version }) => `cluster ${name} (${version})`).join(', ')}, at ${speed} x real time.
# Paste these lines into another terminal, or source them from --env-file:
${exportsOf(served)}
# Then, for example:
#   kubectl get nodes --watch
#   aws stepfunctions start-execution --state-machine-arn "$EKS_NODEGROUP_UPGRADE_STATE_MACHINE" \\
#     --input '{"clusterName": "${cluster?.name}", ${target}}'
#   npx eks-nodegroup-upgrade watch
# Ctrl-C stops it.
`;
}

async function start(options: Options, scenario: Scenario, speed: number): Promise<ServedSandbox> {
  const ports = {
    awsPort: numberOf(options, 'aws-port', 65_535) ?? 0,
    kubernetesPort: numberOf(options, 'kubernetes-port', 65_535) ?? 0,
  };
  try {
    return await startServedSandbox({ scenario, speed, ...ports });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw usageFailure(`port ${(error as { port?: number }).port} is taken: name another, or none for any free one`);
  }
}

/** Keep a sandbox up until the user interrupts. @returns the exit code */
export async function runSandbox(argv: readonly string[], io: CliIo): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    const summary = 'keep a simulated AWS region and EKS cluster up on loopback, and print what makes clients use it';
    io.stdout.write(commandHelp({ name: 'sandbox', summary, operands: '', options: OPTIONS, examples: EXAMPLES }));
    return EXIT_CODES.success;
  }
  const { options } = parseArguments(argv, OPTIONS, 0);
  if (options.flag('schema')) {
    io.stdout.write(`${JSON.stringify(z.toJSONSchema(scenarioSchema, { io: 'input' }), null, 2)}\n`);
    return EXIT_CODES.success;
  }
  const scenario = scenarioOf(options, io);
  const speed = numberOf(options, 'speed', 10_000) ?? 1;
  const served = await start(options, scenario, speed);
  try {
    const envFile = options.text('env-file');
    if (envFile !== undefined) await writeFile(envFile, exportsOf(served));
    io.stdout.write(greeting(scenario, served, speed));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    return EXIT_CODES.success;
  } finally {
    await served.close();
  }
}
