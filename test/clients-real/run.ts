import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Sandbox } from 'eks-sandbox';
import { loadScenario } from 'eks-sandbox/scenario';
import { startServedSandbox } from '../../cli/embedded/served-sandbox.ts';
import { ADDRESSES_VARIABLE, type RealAddresses } from '../real/harness/addresses.ts';
import { startProcess } from '../real/harness/processes.ts';
import { MissingTool, preparePython } from '../real/harness/tools.ts';

/**
 * `node test/clients-real/run.ts [SCRIPT…]`: real clients against the sandbox. Each script has a sandbox of its own, and all
 * run at the same time; what the sandboxes answered is then held to the AWS service models. The last line is `N passed, N failed`.
 */

/** Simulated seconds per real second. */
const SPEED = 20;
const SCRIPT_LIMIT_SECONDS = 170;
/** Two whole updates by EKS, and the waiter of the AWS CLI, which looks every half minute. */
const WALKTHROUGH_LIMIT_SECONDS = 420;

interface Script {
  readonly file: string;
  /** Path of its scenario, from here. */
  readonly world: string;
  readonly limitSeconds?: number;
}

const SCRIPTS: readonly Script[] = [
  { file: 'kubectl.ts', world: 'upgrade-world.yaml' },
  { file: 'aws.ts', world: 'calls-world.yaml' },
  { file: 'eks-groups.ts', world: 'managed-world.yaml' },
  { file: 'boto3-upgrade.py', world: 'upgrade-world.yaml' },
  { file: 'kubernetes-watch.py', world: 'upgrade-world.yaml' },
  {
    file: 'walkthrough.ts',
    world: '../../sandbox/scenarios/walkthrough.yaml',
    limitSeconds: WALKTHROUGH_LIMIT_SECONDS,
  },
];

interface Clients {
  /** Folders of aws, python and kubectl, first to last as in PATH. */
  readonly folders: readonly string[];
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/** @throws MissingTool naming what is missing and how to get it */
async function findClients(): Promise<Clients> {
  const addresses = process.env[ADDRESSES_VARIABLE];
  if (addresses !== undefined) {
    const { tools } = JSON.parse(readFileSync(addresses, 'utf8')) as RealAddresses;
    return { folders: [tools.pythonBin, dirname(tools.kubectl)] };
  }
  if (spawnSync('kubectl', ['version', '--client']).status !== 0) {
    throw new MissingTool(
      'The tests with real clients need kubectl, and kubectl is missing: install it from https://kubernetes.io/docs/tasks/tools/, or run npm run test:real, which builds one, then try again.',
    );
  }
  return { folders: [await preparePython(say)] };
}

/** The environment of a client: ours without what would lead it to another account or cluster. */
function environmentOf(clients: Clients, folder: string, sandbox: Readonly<Record<string, string>>) {
  const own = Object.keys(process.env).filter((name) => /^(AWS_|BOTO|KUBE|PYTHON)/.test(name));
  return {
    ...Object.fromEntries(own.map((name) => [name, undefined])),
    ...sandbox,
    PATH: [...clients.folders, dirname(process.execPath), process.env.PATH].join(delimiter),
    AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    KUBECACHEDIR: join(folder, 'kubectl-cache'),
    PYTHONDONTWRITEBYTECODE: '1',
    NO_PROXY: '127.0.0.1',
  };
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** Run one script to its end and show what it said. */
async function runScript(
  { file, limitSeconds = SCRIPT_LIMIT_SECONDS }: Pick<Script, 'file' | 'limitSeconds'>,
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<Outcome> {
  const startedAt = performance.now();
  const program = startProcess({
    name: file,
    command: file.endsWith('.py') ? 'python' : process.execPath,
    arguments: [join(import.meta.dirname, file), ...argv],
    environment,
    logPath: join(folder, `${file}.log`),
  });
  const limit = setTimeout(() => void program.stop(), limitSeconds * 1000);
  const how = await program.ended;
  clearTimeout(limit);
  const said = readFileSync(program.logPath, 'utf8');
  say(`-- ${file}: ${Math.round((performance.now() - startedAt) / 1000)} s\n${said.trimEnd()}`);
  const passed = said.match(/^ok - /gm)?.length ?? 0;
  const failed = said.match(/^not ok - /gm)?.length ?? 0;
  const isBroken = passed === 0 || (how === 'ended with code 0') !== (failed === 0);
  if (isBroken) say(`not ok - ${file} ${how}, of at most ${limitSeconds} s`);
  return { passed, failed: failed + (isBroken ? 1 : 0) };
}

/** Keep what the sandbox is asked and answers as AWS: a line of JSON for each exchange. */
function recordAws(sandbox: Sandbox, path: string): void {
  appendFileSync(path, '');
  sandbox.wire.onResponse(({ plane, request, status, response }) => {
    if (plane !== 'aws') return;
    const { method, path: requestPath, headers, body } = request;
    const answer = { status, answerHeaders: response.headers, answer: response.body };
    appendFileSync(path, `${JSON.stringify({ method, path: requestPath, headers, body, ...answer })}\n`);
  });
}

/** Run a script of clients against a sandbox of its own. */
async function runClients(script: Script, clients: Clients, folder: string): Promise<Outcome> {
  const { file, world } = script;
  const scenario = { ...loadScenario(join(import.meta.dirname, world)), startsAt: new Date().toISOString() };
  const served = await startServedSandbox({ scenario, speed: SPEED });
  try {
    recordAws(served.sandbox, exchangesOf(file, folder));
    return await runScript(script, [], environmentOf(clients, folder, served.environment), folder);
  } finally {
    await served.close();
  }
}

const exchangesOf = (file: string, folder: string) => join(folder, `${file}.exchanges`);

const folder = mkdtempSync(join(tmpdir(), 'eks-nodegroup-upgrade-clients-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
// What the sandboxes write goes with our folder, whatever ends us.
process.env.TMPDIR = folder;

let outcomes: Outcome[];
try {
  const clients = await findClients();
  const named = process.argv.slice(2);
  const unknown = named.find((name) => SCRIPTS.every(({ file }) => file !== name));
  if (unknown !== undefined)
    throw new Error(
      `There is no ${unknown}: name any of ${SCRIPTS.map(({ file }) => file).join(', ')}, or none for all.`,
    );
  const chosen = SCRIPTS.filter(({ file }) => named.length === 0 || named.includes(file));
  outcomes = await Promise.all(chosen.map((script) => runClients(script, clients, folder)));
  // It also asks whether every operation was called, which takes all of them.
  if (chosen.length === SCRIPTS.length) {
    const exchanges = chosen.map(({ file }) => exchangesOf(file, folder));
    outcomes.push(
      await runScript({ file: 'service-models.py' }, exchanges, environmentOf(clients, folder, {}), folder),
    );
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  outcomes = [{ passed: 0, failed: 1 }];
}
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
say(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
