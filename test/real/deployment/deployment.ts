import { execFile } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { WORKFLOW_CREDENTIALS } from 'eks-sandbox';
import { bundleFunctions } from '../../../tooling/lambda-bundles.ts';
import { EMULATED_ACCOUNT } from '../harness/emulators.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const STAGE = 'rehearsal';
const STACK = `eks-nodegroup-upgrade-${STAGE}`;
/** What `serverless package` reads, besides the bundles. */
const SOURCES = ['serverless.yml', 'package.json', 'iam', 'statemachines'];
/** As SDKs spell them: https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html */
const SANDBOX_SERVICES = ['AUTO_SCALING', 'CLOUDWATCH', 'EC2', 'EKS', 'SSM'];

/** Any keys will do in the emulator. */
export const MINISTACK_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

/** Where the stack goes, and where its functions find the rest of AWS. */
export interface DeploymentTarget {
  /** URL of the emulator that takes the stack and runs the state machine and its functions. */
  readonly miniStack: string;
  /** URL of the sandbox's AWS, whose nodes are replaced. */
  readonly sandbox: string;
  readonly region: string;
  /** Folder of a Python that has boto3. */
  readonly pythonBin: string;
}

/** A stack, packaged and deployed with the commands of docs/deploy.md. */
export interface Deployment {
  readonly stateMachineArn: string;
  /** Of the state machine that upgrades one node. */
  readonly nodeStateMachineArn: string;
  /** Of the state machine that upgrades a whole cluster. */
  readonly clusterStateMachineArn: string;
  readonly functionNames: readonly string[];
  /** Remove the stack with `serverless remove`. @throws Error with its output */
  remove(): Promise<void>;
  /** Remove the folder it was packaged in. */
  clear(): void;
}

/** Run a command to its end, or to the end of this process, and read what it writes. @throws Error with its output */
async function output(
  command: string,
  argv: readonly string[],
  options: { cwd: string; env: Record<string, string>; input?: string },
): Promise<string> {
  const { input = '', ...surroundings } = options;
  const running = run(command, argv, surroundings);
  const end = () => running.child.kill('SIGKILL');
  process.on('exit', end);
  try {
    running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    // Its message ends with what the command wrote to stderr.
    const { message, stdout } = error as Error & { stdout: string };
    throw new Error(`${message}\n${stdout}`, { cause: error });
  } finally {
    process.off('exit', end);
  }
}

/**
 * Write the keys by which the sandbox knows the workflow's role, as a profile: those that the emulator gives to a function
 * are its own, and a function's environment cannot override them.
 */
function writeProfile(folder: string): string {
  const { accessKeyId, secretAccessKey, sessionToken } = WORKFLOW_CREDENTIALS;
  const path = join(folder, 'credentials');
  const lines = [
    '[workflow]',
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

/** What points the deployed functions at the sandbox. */
const variablesOf = ({ miniStack, sandbox }: DeploymentTarget, folder: string) => ({
  // Empty, or else the emulator points SDKs at itself and turns https on loopback, where the cluster is, into http.
  AWS_ENDPOINT_URL: '',
  ...Object.fromEntries(SANDBOX_SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, sandbox])),
  // Executions of nodes run, and whether the holder of a lock still runs is known, where the state machines are.
  AWS_ENDPOINT_URL_SFN: miniStack,
  AWS_SHARED_CREDENTIALS_FILE: writeProfile(folder),
  AWS_PROFILE: 'workflow',
});

/**
 * Package the service in a folder of its own and deploy it to MiniStack: the minified bundles, in a stack that
 * CloudFormation makes, its functions pointed at the sandbox.
 *
 * @throws Error with the output of the command that failed
 */
export async function deploy(target: DeploymentTarget): Promise<Deployment> {
  const { miniStack, region, pythonBin } = target;
  const { path: cwd, remove: clear } = temporaryFolder('deployment');
  // Nothing of the person at the keyboard: no credentials, no settings, no login.
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: cwd,
    AWS_ENDPOINT_URL: miniStack,
    AWS_ACCESS_KEY_ID: MINISTACK_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: MINISTACK_CREDENTIALS.secretAccessKey,
    AWS_DEFAULT_REGION: region,
  };
  const cli = join(ROOT, 'node_modules/.bin/serverless');
  const serverless = (...argv: string[]) =>
    output(process.execPath, [cli, ...argv, `--stage=${STAGE}`, `--region=${region}`], { cwd, env });
  try {
    for (const source of SOURCES) cpSync(join(ROOT, source), join(cwd, source), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    await bundleFunctions(join(cwd, 'dist/lambda'));
    await serverless('package', '--package=package');
    await serverless('deploy', '--package=package');
    const names = await output(join(pythonBin, 'python'), [join(import.meta.dirname, 'set-environment.py'), STACK], {
      cwd,
      env,
      input: JSON.stringify(variablesOf(target, cwd)),
    });
    const machine = (name: string) => `arn:aws:states:${region}:${EMULATED_ACCOUNT}:stateMachine:${STACK}-${name}`;
    return {
      stateMachineArn: machine('upgrade-nodegroup'),
      nodeStateMachineArn: machine('upgrade-node'),
      clusterStateMachineArn: machine('upgrade-cluster'),
      functionNames: JSON.parse(names),
      async remove() {
        await serverless('remove');
      },
      clear,
    };
  } catch (error) {
    clear();
    throw error;
  }
}
