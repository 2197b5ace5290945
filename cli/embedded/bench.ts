import type { Execution } from 'eks-sandbox/step-functions';
import { nodeStateMachineArn } from '../../domain/admission/node-execution.ts';
import { BENCH_WORLDS, lowerBound, scenarioOf } from './bench-worlds.ts';
import { createVirtualSandbox, type VirtualSandbox } from './virtual-sandbox.ts';

/** What is measured when nothing is asked for. */
const SIZES = ['3', '30', '300', '1000'];
const USAGE = `Usage: npm run bench [-- [WORLD] NODES[/PARALLEL] …]
Worlds: ${Object.keys(BENCH_WORLDS).join(', ')}; plain is the default, and a world's name goes before its sizes.
`;

/** One group to upgrade. */
interface Measurement {
  readonly world: string;
  readonly nodes: number;
  /** How many nodes at a time. */
  readonly parallelism: number;
}

const defaultParallelism = (nodes: number): number => Math.max(1, Math.min(100, Math.floor(nodes / 10)));

/** Read what is asked for, e.g. `30 300` or `longgrace 120/10 slowboot 60/6`; `undefined` when it cannot be understood. */
function measurementsOf(words: readonly string[]): Measurement[] | undefined {
  let world = 'plain';
  const measurements: Measurement[] = [];
  for (const word of words) {
    const [, nodes, parallelism] = /^([1-9]\d*)(?:\/([1-9]\d*))?$/.exec(word) ?? [];
    if (nodes !== undefined)
      measurements.push({
        world,
        nodes: Number(nodes),
        parallelism: Number(parallelism ?? defaultParallelism(Number(nodes))),
      });
    else if (word in BENCH_WORLDS) world = word;
    else return undefined;
  }
  return measurements.length > 0 ? measurements : undefined;
}

const transitionsOf = ({ history }: Execution): number =>
  Array.from({ length: history.length }, (_, index) => history.event(index + 1, false)).filter(({ type }) =>
    type.endsWith('StateEntered'),
  ).length;

/** The executions of all nodes: a sandbox has one run. */
function nodeExecutions({ stepFunctions }: VirtualSandbox, parent: Execution): readonly Execution[] {
  const machine = stepFunctions.findMachine(nodeStateMachineArn(parent.arn) ?? '');
  return machine === undefined ? [] : stepFunctions.executionsOf(machine);
}

function figuresOf(sandbox: VirtualSandbox, parent: Execution, measurement: Measurement, realSeconds: number) {
  const { world, nodes, parallelism } = measurement;
  const children = nodeExecutions(sandbox, parent);
  const { entries } = sandbox.wire;
  const kubernetes = entries.filter(({ plane }) => plane === 'kubernetes');
  const evictions = kubernetes.filter(({ action }) => action.endsWith('/eviction')).length;
  const bytes = entries.reduce((sum, { responseLength }) => sum + responseLength, 0);
  // The bound ends with the last node's cordon wait. The workflow cannot shorten the time that an instance then takes to shut down.
  const lastTermination = entries.findLast(({ action }) => action === 'TerminateInstanceInAutoScalingGroup');
  const secondsUntil = (at: number) => (at - parent.startedAt) / 1000;
  const drained = secondsUntil(lastTermination?.at ?? Number.NaN);
  const bound = lowerBound(BENCH_WORLDS[world] as (typeof BENCH_WORLDS)[string], nodes, parallelism);
  const perNode = (count: number) => Math.round((10 * count) / nodes) / 10;
  return {
    world,
    nodes,
    parallel: parallelism,
    status: parent.status,
    'last terminated s': Math.round(drained),
    'x bound': Math.round((100 * drained) / bound) / 100,
    'duration s': Math.round(secondsUntil(parent.stoppedAt as number)),
    'transitions/node': perNode([parent, ...children].reduce((sum, execution) => sum + transitionsOf(execution), 0)),
    'k8s/node': perNode(kubernetes.length - evictions),
    'aws/node': perNode(entries.length - kubernetes.length),
    'MB/node': Math.round(bytes / nodes / 10_000) / 100,
    'events run': parent.history.length,
    'events node': children.reduce((most, { history }) => Math.max(most, history.length), 0),
    'real s': Math.round(realSeconds * 10) / 10,
    'RSS MB': Math.round(process.memoryUsage().rss / 1e6),
  };
}

async function measure(measurement: Measurement) {
  const { world, nodes, parallelism } = measurement;
  const startedAt = performance.now();
  const sandbox = await createVirtualSandbox(scenarioOf(BENCH_WORLDS[world] as (typeof BENCH_WORLDS)[string], nodes));
  const input = {
    clusterName: 'bench',
    autoScalingGroupName: 'workers',
    updateConfig: { maxUnavailable: parallelism },
  };
  const machine = sandbox.stepFunctions.machines[0];
  if (machine === undefined) throw new Error('the sandbox has no state machine');
  const text = JSON.stringify(input);
  const execution = sandbox.stepFunctions.start(machine, { text, value: input }, `bench-${nodes}`);
  await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7 * 86_400);
  return figuresOf(sandbox, execution, measurement, (performance.now() - startedAt) / 1000);
}

/** Measure the upgrades that are asked for, and print the figures. */
export async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const measurements = measurementsOf(asked.length > 0 ? asked : SIZES);
  if (measurements === undefined) {
    process.stderr.write(USAGE);
    process.exit(2);
  }
  const rows = [];
  for (const measurement of measurements) {
    const { world, nodes, parallelism } = measurement;
    process.stderr.write(`${world}, ${nodes} nodes, ${parallelism} at a time …\n`);
    rows.push(await measure(measurement));
  }
  console.table(rows);
}
