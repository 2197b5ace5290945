import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES_VARIABLE, type RealAddresses } from './addresses.ts';
import { startControlPlane } from './control-plane.ts';
import { startMiniStack, startMoto } from './emulators.ts';
import type { ComponentFailure } from './processes.ts';
import { closingTally, countDifferences, countOnBothSides, summaryTable, type Tally } from './summary.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { prepareReal } from './tools.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FIDELITY = join(ROOT, 'docs/sandbox-fidelity.md');
const CLIENTS = join(ROOT, 'test/clients-real/run.ts');
/** Pods and nodes of a real cluster take their real time. */
const TEST_LIMIT_MS = 180_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const section = (title: string) => say(`\n== ${title}`);

/** What the parts of a run pass to each other, as files. */
interface Exchange {
  readonly addressesPath: string;
  readonly resultsPath: string;
}

const durations: [string, number][] = [];
async function timed<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    durations.push([part, (performance.now() - startedAt) / 1000]);
  }
}

/** Run a script of ours with its output shown. A run without a closing line, or that contradicts it, has failed. */
function runScript(argv: readonly string[], { addressesPath }: Exchange): Promise<Tally> {
  const child = spawn(process.execPath, argv, {
    cwd: ROOT,
    env: { ...process.env, [ADDRESSES_VARIABLE]: addressesPath },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Not SIGKILL: it has services and folders of its own to clean up.
  const end = () => child.kill('SIGTERM');
  process.on('exit', end);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', end);
      const { passed, failed } = closingTally(said) ?? { passed: 0, failed: 0 };
      const isBroken = failed === 0 && (code !== 0 || passed === 0);
      if (isBroken) say(`${argv.join(' ')} ended with code ${code} and ${passed} tests.`);
      resolve({ passed, failed: isBroken ? 1 : failed });
    });
  });
}

const runTests = (files: readonly string[], exchange: Exchange): Promise<Tally> =>
  runScript(
    [
      join(ROOT, 'node_modules/mocha/bin/mocha.js'),
      '--no-config',
      '--extension=ts',
      `--reporter=${join(ROOT, 'test/real/reporter.mjs')}`,
      `--reporter-option=results=${exchange.resultsPath}`,
      '--forbid-only',
      '--forbid-pending',
      `--timeout=${TEST_LIMIT_MS}`,
      ...(files.length > 0 ? files : ['test/real/**/*.test.ts']),
    ],
    exchange,
  );

/** Start what all tests share; each ends with this process. */
async function startServices(onFailure: (failure: ComponentFailure) => void): Promise<RealAddresses> {
  const tools = await timed('preparing', () => prepareReal(say));
  return timed('starting', async () => {
    section('starting: Kubernetes, MiniStack, moto');
    const { stop: _, crashApiServer: __, ...controlPlane } = await startControlPlane({ tools, onFailure });
    const [miniStack, moto] = await Promise.all([
      startMiniStack({ tools, onFailure }),
      startMoto({ tools, onFailure }),
    ]);
    const { endpoint, logPath } = miniStack;
    say(`Kubernetes ${controlPlane.endpoint}, MiniStack ${endpoint}, moto ${moto.endpoint}`);
    return {
      tools,
      controlPlane,
      miniStack: { endpoint, logPath },
      moto: { endpoint: moto.endpoint, logPath: moto.logPath },
    };
  });
}

async function runAll(
  files: readonly string[],
  exchange: Exchange,
  onFailure: (failure: ComponentFailure) => void,
): Promise<Tally> {
  section('preparing: Go programs and Python packages');
  writeFileSync(exchange.addressesPath, JSON.stringify(await startServices(onFailure)), { mode: 0o600 });
  section('tests against real services');
  const tallies = [await timed('tests', () => runTests(files, exchange))];
  if (files.length === 0 && existsSync(CLIENTS)) {
    section('real clients');
    tallies.push(await timed('clients', () => runScript([CLIENTS], exchange)));
  }
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/**
 * `npm run test:real [-- FILE…]`: builds and starts real services, runs the tests of test/real against them (or the files
 * named), then the scripts of test/clients-real, and stops everything. The last line is `N passed, N failed`.
 */
export async function main(): Promise<void> {
  const { path: folder } = temporaryFolder('test');
  const resultsPath = join(folder, 'results.json');
  const exchange = { addressesPath: join(folder, 'addresses.json'), resultsPath };
  let tally: Tally;
  try {
    const componentFailed = Promise.withResolvers<never>();
    tally = await Promise.race([
      runAll(process.argv.slice(2), exchange, componentFailed.reject),
      componentFailed.promise,
    ]);
    section('held against real services');
    const results = existsSync(resultsPath) ? JSON.parse(readFileSync(resultsPath, 'utf8')) : [];
    const differences = existsSync(FIDELITY) ? countDifferences(readFileSync(FIDELITY, 'utf8')) : 0;
    say(summaryTable({ onBothSides: countOnBothSides(results), differences, durations }));
  } catch (error) {
    say(`\n${error instanceof Error ? error.message : String(error)}`);
    tally = { passed: 0, failed: 1 };
  }
  say(`${tally.passed} passed, ${tally.failed} failed`);
  // Ends the services as well.
  process.exit(tally.failed === 0 ? 0 : 1);
}
