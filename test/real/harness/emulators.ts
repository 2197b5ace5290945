import { delimiter, dirname, join } from 'node:path';
import { onFreePorts } from './free-ports.ts';
import { awaitReady, type ComponentFailure, endWith, startProcess, watchOver } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { RealTools } from './tools.ts';

/** An AWS emulator that others wrote, on loopback. Any credentials will do. */
export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly logPath: string;
  /** End it and all it started, and remove its data. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  readonly tools: RealTools;
  /** Called when it ends by itself; default: say so and end this process. */
  readonly onFailure?: (failure: ComponentFailure) => void;
}

interface EmulatorProgram {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 200 when it is ready. */
  readonly healthPath: string;
}

/** Both import hundreds of modules, which is slow on a busy machine. */
const READY_LIMIT_SECONDS = 180;
export const EMULATED_ACCOUNT = '111122223333';

async function startOn(port: number, program: EmulatorProgram, options: EmulatorOptions): Promise<Emulator> {
  const { tools, onFailure = endWith } = options;
  const { path: folder, remove } = temporaryFolder(program.name.toLowerCase());
  const endpoint = `http://127.0.0.1:${port}`;
  const emulator = startProcess({
    name: program.name,
    command: join(tools.pythonBin, program.command),
    arguments: program.arguments,
    folder,
    // This very Node, which is new enough, runs the emulated Lambda functions.
    environment: {
      ...program.environment,
      HOME: folder,
      TMPDIR: folder,
      // MiniStack writes keys there, by default where every user of the machine would find them.
      STATE_DIR: folder,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: undefined,
      AWS_PROFILE: undefined,
    },
    logPath: join(folder, 'log'),
  });
  try {
    const isReady = async () => (await fetch(`${endpoint}${program.healthPath}`)).ok;
    await awaitReady(emulator, isReady, READY_LIMIT_SECONDS);
  } catch (error) {
    await emulator.stop();
    remove();
    throw error;
  }
  const end = watchOver([emulator], onFailure);
  return {
    endpoint,
    logPath: emulator.logPath,
    async stop() {
      await end();
      remove();
    },
  };
}

/**
 * Start MiniStack: CloudFormation, IAM, S3, API Gateway, Step Functions, and Lambda with real Node.js processes.
 *
 * @throws ComponentFailure with the last lines of its log when it does not start
 */
export const startMiniStack = (options: EmulatorOptions): Promise<Emulator> =>
  onFreePorts(1, ([port = 0]) => {
    const program: EmulatorProgram = {
      name: 'MiniStack',
      // Its own command listens on every interface.
      command: 'hypercorn',
      arguments: ['ministack.app:app', '--bind', `127.0.0.1:${port}`],
      environment: {
        LAMBDA_EXECUTOR: 'local',
        GATEWAY_PORT: String(port),
        MINISTACK_ACCOUNT_ID: EMULATED_ACCOUNT,
        MINISTACK_HOST: '127.0.0.1',
      },
      healthPath: '/_ministack/health',
    };
    return startOn(port, program, options);
  });

/**
 * Start moto: EC2, Auto Scaling, SSM, EKS and STS, all synchronous.
 *
 * @throws ComponentFailure with the last lines of its log when it does not start
 */
export const startMoto = (options: EmulatorOptions): Promise<Emulator> =>
  onFreePorts(1, ([port = 0]) => {
    const program: EmulatorProgram = {
      name: 'moto',
      command: 'moto_server',
      arguments: ['-H', '127.0.0.1', '-p', String(port)],
      environment: { MOTO_ACCOUNT_ID: EMULATED_ACCOUNT },
      healthPath: '/moto-api/',
    };
    return startOn(port, program, options);
  });
