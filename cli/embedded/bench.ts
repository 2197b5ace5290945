import { type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import { nodeStateMachineArn } from '../../domain/admission/node-execution.ts';
import { createVirtualSandbox, type VirtualSandbox } from './virtual-sandbox.ts';

/** Groups to upgrade: nodes, and how many at a time. Sizes may be given as arguments, e.g. `npm run bench -- 30 300`. */
const SIZES = [3, 30, 300, 1000];
const TERMINATION_SECONDS = 30;
const CORDON_WAIT_SECONDS = 60;
const BOOT_SECONDS = 60;
const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';

const parallelismOf = (nodes: number): number => Math.max(1, Math.min(100, Math.floor(nodes / 10)));

/** Twelve pods a node, each of which takes its whole grace period to stop; nothing blocks a drain. */
const scenarioOf = (nodes: number): ScenarioInput => ({
  clusters: [
    {
      name: 'bench',
      groups: [
        {
          name: 'workers',
          zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
          minSize: 0,
          maxSize: nodes,
          desiredCapacity: nodes,
          amiId: OLD_AMI,
        },
      ],
      workloads: Array.from({ length: 12 }, (_, index) => ({
        kind: 'Deployment' as const,
        name: `web-${index}`,
        replicas: nodes,
        cpu: '50m',
        memory: '64Mi',
        terminationSeconds: TERMINATION_SECONDS,
      })),
    },
  ],
  images: [
    { id: OLD_AMI, name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251120', releaseVersion: '1.33.5-20251120' },
    {
      id: NEW_AMI,
      name: 'amazon-eks-node-al2023-x86_64-standard-1.33-v20251229',
      releaseVersion: '1.33.5-20251229',
      isRecommended: true,
    },
  ],
});

const transitionsOf = ({ history }: Execution): number =>
  Array.from({ length: history.length }, (_, index) => history.event(index + 1, false)).filter(({ type }) =>
    type.endsWith('StateEntered'),
  ).length;

/** The executions of all nodes: a sandbox has one run. */
function nodeExecutions({ stepFunctions }: VirtualSandbox, parent: Execution): readonly Execution[] {
  const machine = stepFunctions.findMachine(nodeStateMachineArn(parent.arn) ?? '');
  return machine === undefined ? [] : stepFunctions.executionsOf(machine);
}

function figuresOf(sandbox: VirtualSandbox, parent: Execution, nodes: number, realSeconds: number) {
  const children = nodeExecutions(sandbox, parent);
  const { entries } = sandbox.wire;
  const kubernetes = entries.filter(({ plane }) => plane === 'kubernetes');
  const evictions = kubernetes.filter(({ action }) => action.endsWith('/eviction')).length;
  const bytes = entries.reduce((sum, { responseLength }) => sum + responseLength, 0);
  const parallelism = parallelismOf(nodes);
  // The bound ends with the last node's cordon wait. The workflow cannot shorten the time that an instance then takes to shut down.
  const lastTermination = entries.findLast(({ action }) => action === 'TerminateInstanceInAutoScalingGroup');
  const secondsUntil = (at: number) => (at - parent.startedAt) / 1000;
  const drained = secondsUntil(lastTermination?.at ?? Number.NaN);
  const bound = BOOT_SECONDS + Math.ceil(nodes / parallelism) * (TERMINATION_SECONDS + CORDON_WAIT_SECONDS);
  const perNode = (count: number) => Math.round((10 * count) / nodes) / 10;
  return {
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

async function measure(nodes: number) {
  const startedAt = performance.now();
  const sandbox = await createVirtualSandbox(scenarioSchema.parse(scenarioOf(nodes)));
  const input = {
    clusterName: 'bench',
    autoScalingGroupName: 'workers',
    updateConfig: { maxUnavailable: parallelismOf(nodes) },
  };
  const machine = sandbox.stepFunctions.machines[0];
  if (machine === undefined) throw new Error('the sandbox has no state machine');
  const text = JSON.stringify(input);
  const execution = sandbox.stepFunctions.start(machine, { text, value: input }, `bench-${nodes}`);
  await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 7 * 86_400);
  return figuresOf(sandbox, execution, nodes, (performance.now() - startedAt) / 1000);
}

/** Measure one upgrade for each size, and print the figures. */
export async function main(): Promise<void> {
  const asked = process.argv.slice(2).map(Number);
  if (asked.some((size) => !Number.isInteger(size) || size < 1)) {
    process.stderr.write('Usage: npm run bench [-- NODES …]\n');
    process.exit(2);
  }
  const rows = [];
  for (const nodes of asked.length > 0 ? asked : SIZES) {
    process.stderr.write(`${nodes} nodes …\n`);
    rows.push(await measure(nodes));
  }
  console.table(rows);
}
