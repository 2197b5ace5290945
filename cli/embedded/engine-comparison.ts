import { join } from 'node:path';
import { WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { loadScenario, type Scenario } from 'eks-sandbox/scenario';
import { sdkRequestHandler } from 'eks-sandbox/server';
import { connectExecutions } from '../../clients/aws/executions.ts';
import type { Report } from '../../report/model/model.ts';
import { duration } from '../../report/model/text.ts';
import { buildReport } from '../../report/read/read.ts';
import { createUpgradeSource } from '../history-source.ts';
import { createVirtualSandbox } from './virtual-sandbox.ts';

const SCENARIOS = join(import.meta.dirname, '../../sandbox/scenarios');
const CLUSTER = 'shop';
const NODEGROUP = 'workers';
const LONGEST_RUN_SECONDS = 24 * 3600;
const ENGINES = ['eks', 'workflow'] as const;

/** The demo's world, its group managed by EKS, three nodes at a time. */
function managedDemo(): Scenario {
  const demo = loadScenario(join(SCENARIOS, 'demo.yaml'));
  const clusters = demo.clusters.map((cluster) => ({
    ...cluster,
    groups: cluster.groups.map((group) => ({
      ...group,
      managed: { nodegroupName: NODEGROUP, status: 'ACTIVE' as const, maxUnavailable: 3, healthIssues: [] },
    })),
  }));
  return { ...demo, clusters };
}

/** Worlds that are upgraded twice: by EKS, and by the phases of this workflow. */
const WORLDS: readonly [title: string, scenario: () => Scenario][] = [
  ['6 nodes, 33 % at a time', () => loadScenario(join(SCENARIOS, 'managed-nodegroup.yaml'))],
  ['30 nodes, 3 at a time', managedDemo],
];

/** One upgrade and its report. */
export interface ComparedRun {
  readonly world: string;
  readonly engine: (typeof ENGINES)[number];
  readonly report: Report;
}

/** Upgrade a world with one engine on a virtual clock, and make the report from its history, as for any other run. */
async function upgrade(scenario: Scenario, engine: ComparedRun['engine']): Promise<Report> {
  const sandbox = await createVirtualSandbox(scenario);
  const { stepFunctions, clock, aws } = sandbox;
  const machine = stepFunctions.machines.find(({ arn }) => arn.endsWith('upgrade-nodegroup'));
  if (machine === undefined) throw new Error('the sandbox has no state machine for one node group');
  const input = { clusterName: CLUSTER, nodegroupName: NODEGROUP, engine };
  const execution = stepFunctions.start(machine, { text: JSON.stringify(input), value: input }, engine);
  await clock.runUntil(() => execution.status !== 'RUNNING', LONGEST_RUN_SECONDS);
  const executions = connectExecutions({
    region: scenario.region,
    endpoint: 'http://aws.sandbox.invalid',
    credentials: WORKFLOW_CREDENTIALS,
    requestHandler: sdkRequestHandler(aws),
  });
  return buildReport(await createUpgradeSource(executions, execution.arn).fetch());
}

/** Upgrade each world with both engines. Deterministic: the same code gives the same reports. */
export async function compareEngines(): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = [];
  for (const [world, scenario] of WORLDS) {
    for (const engine of ENGINES) runs.push({ world, engine, report: await upgrade(scenario(), engine) });
  }
  return runs;
}

const HEADINGS = ['node group', 'engine', 'duration', 'extra nodes at most', 'pods evicted', 'fewest Ready nodes'];

function cellsOf({ world, engine, report }: ComparedRun): string[] {
  const { lowest, highest, originalDesired = 0 } = report.capacity;
  return [
    world,
    `\`${engine}\``,
    report.status === 'SUCCEEDED' ? duration(report.durationSeconds) : report.status,
    String((highest?.readyNodes ?? 0) - originalDesired),
    String(report.counts.evicted),
    `${lowest?.readyNodes} of ${originalDesired}`,
  ];
}

/** The reports side by side, as a table in Markdown. */
export function comparisonTable(runs: readonly ComparedRun[]): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...runs.map(cellsOf)];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
