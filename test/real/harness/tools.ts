import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cached, cacheKey, cacheRoot, type Say } from './cache.ts';
import { ENDED_WELL, failureOf, startProcess } from './processes.ts';

/** The programs that the tests against real services run. All are absolute paths. */
export interface RealTools {
  /** etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl in one; the first argument says which. */
  readonly controlPlane: string;
  readonly kwok: string;
  readonly kubectl: string;
  /** Folder with python, aws, hypercorn and moto_server. */
  readonly pythonBin: string;
}

/** Something is missing on this machine. The message is one sentence that says what, and how to get it. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
}

export const KUBERNETES_VERSION = 'v1.35.4';
const KWOK_VERSION = 'v0.7.0';

const OLDEST_GO = [1, 25] as const;
const OLDEST_PYTHON = [3, 10] as const;
const SOURCES = join(import.meta.dirname, '../control-plane');
const REQUIREMENTS = join(import.meta.dirname, '../requirements.txt');

const VERSION = 'k8s.io/component-base/version';
/** Without these the server has no version. */
const LINKER_FLAGS = [
  '-s -w',
  `-X ${VERSION}.gitVersion=${KUBERNETES_VERSION}`,
  `-X ${VERSION}.gitMajor=${KUBERNETES_VERSION.slice(1).split('.')[0]}`,
  `-X ${VERSION}.gitMinor=${KUBERNETES_VERSION.split('.')[1]}`,
].join(' ');

/** What a command says of its version; `undefined` when it cannot be used. */
export function versionOf(command: string, argument: string, pattern: RegExp): readonly [number, number] | undefined {
  const { stdout, stderr, status } = spawnSync(command, [argument], { encoding: 'utf8' });
  const [, major, minor] = (status === 0 && `${stdout}${stderr}`.match(pattern)) || [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

const isOlder = (version: readonly [number, number], oldest: readonly [number, number]): boolean =>
  version[0] < oldest[0] || (version[0] === oldest[0] && version[1] < oldest[1]);

function requireTool(
  name: string,
  version: readonly [number, number] | undefined,
  oldest: readonly [number, number],
  howToGet: string,
): void {
  if (version !== undefined && !isOlder(version, oldest)) return;
  const state = version === undefined ? 'is missing' : `is ${version.join('.')}, which is too old`;
  throw new MissingTool(
    `The tests against real services need ${name} ${oldest.join('.')} or later, and ${name} ${state}: ${howToGet}, then try again.`,
  );
}

/** @throws MissingTool naming what is missing and how to get it */
export function checkPlatform(): void {
  if (process.platform === 'win32') {
    throw new MissingTool('The tests against real services run on Linux and macOS only: use WSL on Windows.');
  }
}

/** @throws MissingTool naming what is missing and how to get it */
function checkGo(): void {
  requireTool(
    'Go',
    versionOf('go', 'version', /go(\d+)\.(\d+)/),
    OLDEST_GO,
    'install it from https://go.dev/doc/install or with your package manager (brew install go)',
  );
}

/** @throws MissingTool naming what is missing and how to get it */
function checkPython(): void {
  requireTool(
    'Python',
    versionOf('python3', '--version', /Python (\d+)\.(\d+)/),
    OLDEST_PYTHON,
    'install it from https://www.python.org/downloads/ or with your package manager (apt-get install python3 python3-venv)',
  );
  if (spawnSync('python3', ['-c', 'import venv, ensurepip']).status !== 0) {
    throw new MissingTool(
      'The tests against real services need the venv module of Python, which is missing: apt-get install python3-venv, then try again.',
    );
  }
}

/**
 * Run a builder to its end; its output goes to `build.log` in the folder that it fills.
 *
 * @throws ComponentFailure with the last lines of that
 */
async function run(
  folder: string,
  command: string,
  argv: readonly string[],
  options: { readonly from?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const builder = startProcess({
    name: `${basename(command)} ${argv.slice(0, 3).join(' ')}`,
    command,
    arguments: argv,
    folder: options.from ?? folder,
    environment: options.environment ?? {},
    logPath: join(folder, 'build.log'),
  });
  const how = await builder.ended;
  if (how !== ENDED_WELL) throw failureOf(builder, how);
}

export const platform = `${process.platform}-${process.arch}`;
/** Nothing here needs a C compiler. */
const GO_ENVIRONMENT = { CGO_ENABLED: '0' };

async function buildControlPlane(root: string, say: Say): Promise<string> {
  const texts = ['main.go', 'go.mod', 'go.sum'].map((file) => readFileSync(join(SOURCES, file), 'utf8'));
  const entry = {
    root,
    name: 'control-plane',
    key: cacheKey(platform, LINKER_FLAGS, ...texts),
    async build(folder: string) {
      say(`control-plane: building Kubernetes ${KUBERNETES_VERSION} from Go modules, about 4 minutes the first time`);
      const argv = ['build', '-buildvcs=false', '-mod=readonly', '-ldflags', LINKER_FLAGS, '-o', folder, '.'];
      await run(folder, 'go', argv, { from: SOURCES, environment: GO_ENVIRONMENT });
      symlinkSync('control-plane', join(folder, 'kubectl'));
    },
  };
  return cached(entry, say);
}

async function buildKwok(root: string, say: Say): Promise<string> {
  const entry = {
    root,
    name: 'kwok',
    key: cacheKey(platform, KWOK_VERSION),
    async build(folder: string) {
      say(`kwok: building ${KWOK_VERSION} from Go modules, about 90 seconds the first time`);
      const argv = ['install', `sigs.k8s.io/kwok/cmd/kwok@${KWOK_VERSION}`];
      await run(folder, 'go', argv, { environment: { ...GO_ENVIRONMENT, GOBIN: folder } });
    },
  };
  return cached(entry, say);
}

/** Fill a folder with a virtual environment of Python, and with packages. @throws ComponentFailure with the last lines of the log */
export async function makeEnvironment(folder: string, python: string, requirements: string): Promise<void> {
  await run(folder, python, ['-m', 'venv', folder]);
  const argv = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  await run(folder, join(folder, 'bin/python'), argv);
}

async function installPython(root: string, say: Say): Promise<string> {
  const version = versionOf('python3', '--version', /Python (\d+)\.(\d+)/);
  const entry = {
    root,
    name: 'python',
    key: cacheKey(platform, String(version), readFileSync(REQUIREMENTS, 'utf8')),
    async build(folder: string) {
      say('python: installing MiniStack, moto, the AWS CLI, boto3 and the Kubernetes client, about a minute');
      await makeEnvironment(folder, 'python3', REQUIREMENTS);
    },
  };
  return cached(entry, say);
}

/**
 * Install the Python packages alone, or find them in the cache.
 *
 * @returns folder with python and aws
 * @throws MissingTool when this machine has no Python
 */
export async function preparePython(say: Say): Promise<string> {
  checkPlatform();
  checkPython();
  return join(await installPython(cacheRoot(process.env), say), 'bin');
}

/**
 * Build and install what the tests against real services run, or find it in the cache.
 *
 * Each part has a folder of its own whose name changes with the sources and versions it was made from.
 *
 * @throws MissingTool when this machine has no Go or no Python
 */
export async function prepareReal(say: Say): Promise<RealTools> {
  checkPlatform();
  checkGo();
  checkPython();
  const root = cacheRoot(process.env);
  const python = installPython(root, say);
  // The Go builds take every core each: one after the other, while pip downloads.
  const go = (async () => ({
    controlPlane: await buildControlPlane(root, say),
    kwok: await buildKwok(root, say),
  }))();
  const [pythonFolder, { controlPlane, kwok }] = await Promise.all([python, go]);
  return {
    controlPlane: join(controlPlane, 'control-plane'),
    kwok: join(kwok, 'kwok'),
    kubectl: join(controlPlane, 'kubectl'),
    pythonBin: join(pythonFolder, 'bin'),
  };
}
