import { join } from 'node:path';
import { EMULATED_ACCOUNT } from './emulators.ts';
import { onFreePorts } from './free-ports.ts';
import { awaitReady, endWith, startProcess, watchOver } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** LocalStack's Step Functions on loopback. */
export interface LocalStack {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface LocalStackOptions {
  /** Of the environment that `prepareLocalStack` made. */
  readonly python: string;
  /** Whom it asks to invoke functions. */
  readonly lambdaUrl: string;
}

const READY_LIMIT_SECONDS = 120;
const PROGRAM = join(import.meta.dirname, '../interpreter/serve.py');

async function startOn(port: number, { python, lambdaUrl }: LocalStackOptions): Promise<LocalStack> {
  const { path: folder, remove } = temporaryFolder('localstack');
  const endpoint = `http://127.0.0.1:${port}`;
  const localStack = startProcess({
    name: 'LocalStack',
    command: python,
    arguments: [PROGRAM, String(port), lambdaUrl, EMULATED_ACCOUNT],
    folder,
    environment: {
      HOME: folder,
      TMPDIR: folder,
      PYTHONDONTWRITEBYTECODE: '1',
      AWS_ENDPOINT_URL: undefined,
      AWS_PROFILE: undefined,
    },
    logPath: join(folder, 'log'),
  });
  try {
    // Whatever it answers: nothing else listens there.
    const isReady = async () => (await fetch(endpoint)).status > 0;
    await awaitReady(localStack, isReady, READY_LIMIT_SECONDS);
  } catch (error) {
    await localStack.stop();
    remove();
    throw error;
  }
  const end = watchOver([localStack], endWith);
  return {
    endpoint,
    async stop() {
      await end();
      remove();
    },
  };
}

/**
 * Start LocalStack's Step Functions on a free port, which ends with this process. Nothing waits there: see serve.py.
 *
 * @throws ComponentFailure with the last lines of its log when it does not start
 */
export const startLocalStack = (options: LocalStackOptions): Promise<LocalStack> =>
  onFreePorts(1, ([port = 0]) => startOn(port, options));
