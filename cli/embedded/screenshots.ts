import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { loadScenario } from 'eks-sandbox/scenario';
import { sdkRequestHandler } from 'eks-sandbox/server';
import { connectExecutions } from '../../clients/aws/executions.ts';
import { buildAnyReport } from '../../report/cluster/cluster.ts';
import { RENDERERS } from '../../report/report.ts';
import { renderRun, runView } from '../display/run-view.ts';
import { createHistorySource } from '../history-source.ts';
import { terminalPage } from './terminal-page.ts';
import { createVirtualSandbox } from './virtual-sandbox.ts';

const ROOT = join(import.meta.dirname, '../..');
const IMAGES = join(ROOT, 'docs/images');
const SCENARIO = join(ROOT, 'sandbox/scenarios/demo.yaml');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];
const INPUT = { clusterName: 'shop', autoScalingGroupName: 'shop-workers', updateConfig: { maxUnavailable: 3 } };
/** When half of the demo's nodes are upgraded. */
const DISPLAY_AT_SECONDS = 8 * 60;
const LONGEST_RUN_SECONDS = 3600;
const SCREEN = { columns: 100, rows: 30, colour: true };

const run = promisify(execFile);

/** Take a picture of a page with the first browser that is installed. */
async function photograph(html: string, file: string, size: { width: number; height: number }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'screenshot-'));
  try {
    const page = join(folder, 'page.html');
    await writeFile(page, html);
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--hide-scrollbars',
      `--window-size=${size.width},${size.height}`,
      `--screenshot=${file}`,
      `file://${page}`,
    ];
    for (const browser of BROWSERS) {
      const isTaken = await run(browser, options).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false;
          throw error;
        },
      );
      if (isTaken) return;
    }
    throw new Error(`No browser found: install one of ${BROWSERS.join(', ')}.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Upgrade the demo's node group on a virtual clock, and take pictures of the display half-way and of the report. */
export async function main(): Promise<void> {
  const scenario = loadScenario(SCENARIO);
  const { stepFunctions, clock, aws } = await createVirtualSandbox(scenario);
  const machine = stepFunctions.machines.find(({ arn }) => arn.endsWith('upgrade-nodegroup'));
  if (machine === undefined) throw new Error('the sandbox has no state machine for one node group');
  const execution = stepFunctions.start(machine, { text: JSON.stringify(INPUT), value: INPUT }, 'demo');
  const executions = connectExecutions({
    region: scenario.region,
    endpoint: 'http://aws.sandbox.invalid',
    credentials: WORKFLOW_CREDENTIALS,
    requestHandler: sdkRequestHandler(aws),
  });
  const source = createHistorySource(executions, execution.arn);
  await mkdir(IMAGES, { recursive: true });

  await clock.advance(DISPLAY_AT_SECONDS);
  const view = runView(buildAnyReport(await source.fetch()), new Date(clock.now()).toISOString());
  const frame = renderRun(view, SCREEN);
  await photograph(terminalPage(frame), join(IMAGES, 'display.png'), { width: 900, height: 26 + frame.length * 20 });

  await clock.runUntil(() => execution.status !== 'RUNNING', LONGEST_RUN_SECONDS);
  const report = RENDERERS.html(buildAnyReport(await source.fetch()));
  await photograph(report, join(IMAGES, 'report.png'), { width: 1280, height: 1100 });
}
