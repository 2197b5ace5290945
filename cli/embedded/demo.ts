import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { loadScenario } from 'eks-sandbox/scenario';
import { connectExecutions } from '../../clients/aws/executions.ts';
import { buildAnyReport } from '../../report/cluster/cluster.ts';
import type { AnyReport } from '../../report/cluster/model.ts';
import { RENDERERS } from '../../report/report.ts';
import { createDisplay } from '../display/display.ts';
import { runSummary, runView } from '../display/run-view.ts';
import { createHistorySource } from '../history-source.ts';
import { startServedSandbox } from './served-sandbox.ts';

/** Simulated seconds per real second: the whole upgrade in about half a minute. */
const SPEED = 40;
const REFRESH_MS = 200;
const SCENARIO = join(import.meta.dirname, '../../sandbox/scenarios/demo.yaml');
const REPORT = join(import.meta.dirname, '../../out/demo-report.html');
const INPUT = {
  clusterName: 'shop',
  autoScalingGroupName: 'shop-workers',
  updateConfig: { maxUnavailable: 3 },
};

const INTRODUCTION = `A sandbox of an AWS region and an EKS cluster is running in this process: 30 nodes in 3 zones, about 300 pods.
The workflow replaces every node, ${SPEED} times faster than real time. Execution input:
  ${JSON.stringify(INPUT)}

`;

/** Upgrade a node group in a sandbox, with the display of its progress, and leave a report. */
export async function main(): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

  /** Resolves after some time, or at once when the user interrupts. */
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      interrupt.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });

  const served = await startServedSandbox({ scenario: loadScenario(SCENARIO), speed: SPEED });
  const display = createDisplay({ stream: process.stdout, env: process.env });
  try {
    process.stdout.write(INTRODUCTION);
    const executions = connectExecutions({
      region: served.environment.AWS_REGION,
      endpoint: served.awsEndpoint,
      credentials: {
        accessKeyId: served.environment.AWS_ACCESS_KEY_ID,
        secretAccessKey: served.environment.AWS_SECRET_ACCESS_KEY,
      },
    });
    const executionArn = await executions.start({
      stateMachineArn: served.stateMachineArn,
      name: 'demo',
      input: JSON.stringify(INPUT),
    });
    const source = createHistorySource(executions, executionArn);
    let report: AnyReport;
    for (;;) {
      report = buildAnyReport(await source.fetch());
      display.show(runView(report, new Date(served.clock.now()).toISOString()));
      if (report.status !== 'RUNNING' || interrupt.signal.aborted) break;
      await pause(REFRESH_MS);
    }
    display.close();
    if (report.status === 'RUNNING') {
      process.stderr.write('\nInterrupted.\n');
      process.exitCode = 130;
    } else {
      process.stdout.write(`\n${runSummary(runView(report)).join('\n')}\n`);
      await mkdir(join(REPORT, '..'), { recursive: true });
      await writeFile(REPORT, RENDERERS.html(report));
      process.stdout.write(`\nThe report, made from the execution history alone: ${relative(process.cwd(), REPORT)}\n`);
      process.exitCode = report.status === 'SUCCEEDED' ? 0 : 1;
    }
  } finally {
    display.close();
    await served.close();
  }
}
