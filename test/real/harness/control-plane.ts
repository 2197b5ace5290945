import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLoopbackCertificate } from 'eks-sandbox/server';
import { stringify } from 'yaml';
import { AUDIT_POLICY } from './audit-policy.ts';
import { onFreePorts } from './free-ports.ts';
import { KUBELETS } from './kubelets.ts';
import {
  awaitReady,
  type ComponentFailure,
  endWith,
  type ProcessOptions,
  startProcess,
  watchOver,
} from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { RealTools } from './tools.ts';

/** Where a running control plane is, and how to be whom on it. All plain text, so that it can be handed on as JSON. */
export interface ControlPlaneAddress {
  /** `https://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** May do everything (`system:masters`), as user `admin`. */
  readonly adminToken: string;
  /** User and group `eks-nodegroup-upgrade`: has the rights of the RBAC manifests that were applied. */
  readonly workflowToken: string;
  /** Has all rights, as user `cloud`: for the simulated cloud, whose requests the audit log can then distinguish. */
  readonly cloudToken: string;
  /** Files, one for each of these tokens. */
  readonly kubeconfig: string;
  readonly workflowKubeconfig: string;
  readonly cloudKubeconfig: string;
  /** Plain HTTP, for what no client of Kubernetes can do: compact the history, say, so that continue tokens expire. */
  readonly etcdEndpoint: string;
  /** One JSON object of `audit.k8s.io/v1` a line; a line is written before its response is sent. */
  readonly auditLogPath: string;
  /** Logs of the components, `<component>.log`. */
  readonly logFolder: string;
}

/** etcd, API server, controller manager, scheduler and kwok, which simulates every kubelet. */
export interface ControlPlane extends ControlPlaneAddress {
  /** Kill the API server, which keeps all it had stored, and have it back and ready so many seconds later. */
  crashApiServer(downSeconds: number): Promise<void>;
  /** End every process and remove the data. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly tools: RealTools;
  /** YAML of an `audit.k8s.io/v1` Policy; default: who did what, with bodies of all that changes something. */
  readonly auditPolicy?: string;
  /** Whose kubelets kwok simulates: those of all nodes, or of nodes with its annotation, which fail when it is removed. Default: all. */
  readonly kubelets?: keyof typeof KWOK_NODES;
  /** Called when a component ends by itself; default: say so and end this process. */
  readonly onFailure?: (failure: ComponentFailure) => void;
}

/** Each takes about 2 s on an idle machine of 2 cores. */
const READY_LIMIT_SECONDS = 120;

/** User, and groups, of each token. */
const USERS = {
  admin: ['admin', 'system:masters'],
  workflow: [
    'eks-nodegroup-upgrade',
    'eks-nodegroup-upgrade-readers,eks-nodegroup-upgrade-conductor,eks-nodegroup-upgrade-drain',
  ],
  cloud: ['cloud', 'system:masters'],
  kwok: ['kwok', 'system:masters'],
  controllerManager: ['system:kube-controller-manager', ''],
  scheduler: ['system:kube-scheduler', ''],
} as const;
type UserName = keyof typeof USERS;
const USER_NAMES = Object.keys(USERS) as UserName[];

const kubeconfigOf = (server: string, certificateAuthority: string, token: string): string => {
  const authority = Buffer.from(certificateAuthority).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{ name: 'real', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'real', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'real' } }],
  });
};

/** Whether a health check over HTTPS answers 200. */
const isHealthy = (url: string, certificateAuthority: string, token: string) => () =>
  new Promise<boolean>((resolve, reject) => {
    const options = { ca: certificateAuthority, headers: { authorization: `Bearer ${token}` }, timeout: 5000 };
    const asked = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy(new Error('timed out')));
    asked.once('error', reject);
    asked.end();
  });

const isHealthyPlain = (url: string) => async () => (await fetch(url)).ok;

/** The files that the components read, written to the folder. */
async function writeFiles(folder: string, endpoint: string, auditPolicy: string) {
  const certificate = await createLoopbackCertificate(new Date());
  const serviceAccounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const tokens = Object.fromEntries(USER_NAMES.map((name) => [name, randomBytes(16).toString('hex')])) as Record<
    UserName,
    string
  >;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const tokenLines = USER_NAMES.map((name) => {
    const [user, group] = USERS[name];
    return `${tokens[name]},${user},${user},"${group}"\n`;
  });
  const kubeconfigs = Object.fromEntries(
    USER_NAMES.map((name) => [
      name,
      write(`${name}.kubeconfig`, kubeconfigOf(endpoint, certificate.certificateAuthority, tokens[name])),
    ]),
  ) as Record<UserName, string>;
  return {
    certificateAuthority: certificate.certificateAuthority,
    tokens,
    kubeconfigs,
    authorityPath: write('authority.crt', certificate.certificateAuthority),
    certificatePath: write('server.crt', certificate.certificate),
    keyPath: write('server.key', certificate.privateKey),
    serviceAccountKeyPath: write('service-accounts.key', serviceAccounts.privateKey),
    serviceAccountPublicKeyPath: write('service-accounts.pub', serviceAccounts.publicKey),
    tokenPath: write('tokens.csv', tokenLines.join('')),
    kubeletsPath: write('kubelets.yaml', KUBELETS),
    policyPath: write('audit-policy.yaml', auditPolicy),
    auditLogPath: write('audit.log', ''),
  };
}
type Files = Awaited<ReturnType<typeof writeFiles>>;

const PORT_COUNT = 6;
const API_SERVER = 'kube-apiserver';

const KWOK_NODES = {
  all: ['--manage-all-nodes=true'],
  annotated: ['--manage-all-nodes=false', '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake'],
} as const;

interface Component {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly isReady: () => Promise<boolean>;
}

/** What is run, in the order in which one needs the other. */
function componentsOf(
  tools: RealTools,
  folder: string,
  files: Files,
  ports: readonly number[],
  nodes: keyof typeof KWOK_NODES,
): Component[][] {
  const [etcdPort, peerPort, apiPort, controllerPort, schedulerPort, kwokPort] = ports;
  const { certificateAuthority, tokens, kubeconfigs } = files;
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const tls = [`--tls-cert-file=${files.certificatePath}`, `--tls-private-key-file=${files.keyPath}`];
  const ours = (name: string, flags: readonly string[], isReady: () => Promise<boolean>): Component => ({
    name,
    command: tools.controlPlane,
    arguments: [name, ...flags],
    isReady,
  });
  const healthy = (port: number | undefined, path: string) =>
    isHealthy(`https://127.0.0.1:${port}/${path}`, certificateAuthority, tokens.admin);
  const etcdFlags = [
    '--name=etcd',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=etcd=${peer}`,
    // The data is thrown away anyway.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  const apiFlags = [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // Loopback is refused as an endpoint of the Service `kubernetes`, which is not used here.
    '--endpoint-reconciler-type=none',
    `--secure-port=${apiPort}`,
    ...tls,
    `--token-auth-file=${files.tokenPath}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountPublicKeyPath}`,
    `--service-account-signing-key-file=${files.serviceAccountKeyPath}`,
    // Pods may be created in a namespace before its service account is there.
    '--disable-admission-plugins=ServiceAccount',
    `--audit-policy-file=${files.policyPath}`,
    `--audit-log-path=${files.auditLogPath}`,
    '--audit-log-maxsize=10000',
  ];
  const controllerFlags = [
    `--kubeconfig=${kubeconfigs.controllerManager}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${controllerPort}`,
    ...tls,
    // Each controller is a user of its own, which the audit log names.
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${files.serviceAccountKeyPath}`,
    `--root-ca-file=${files.authorityPath}`,
  ];
  const schedulerFlags = [
    `--kubeconfig=${kubeconfigs.scheduler}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${schedulerPort}`,
    ...tls,
  ];
  const kwok: Component = {
    name: 'kwok',
    command: tools.kwok,
    arguments: [
      `--kubeconfig=${kubeconfigs.kwok}`,
      `--config=${files.kubeletsPath}`,
      ...KWOK_NODES[nodes],
      // Without a lease a node counts as silent after 50 s.
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${kwokPort}`,
    ],
    isReady: isHealthyPlain(`http://127.0.0.1:${kwokPort}/healthz`),
  };
  return [
    [ours('etcd', etcdFlags, isHealthyPlain(`${etcd}/readyz`))],
    [ours(API_SERVER, apiFlags, healthy(apiPort, 'readyz'))],
    [
      // Healthy long before its controllers are at work; this account is made by one of them.
      ours(
        'kube-controller-manager',
        controllerFlags,
        healthy(apiPort, 'api/v1/namespaces/default/serviceaccounts/default'),
      ),
      ours('kube-scheduler', schedulerFlags, healthy(schedulerPort, 'readyz')),
      kwok,
    ],
  ];
}

async function startOn(ports: readonly number[], options: ControlPlaneOptions): Promise<ControlPlane> {
  const { tools, auditPolicy = AUDIT_POLICY, kubelets = 'all', onFailure = endWith } = options;
  const { path: folder, remove } = temporaryFolder('control-plane');
  const ends = new Map<string, () => Promise<void>>();
  const begin = async ({ name, command, arguments: argv, isReady }: Component): Promise<void> => {
    const running: ProcessOptions = {
      name,
      command,
      arguments: argv,
      folder,
      // Nothing is to be read from the settings of the person at the keyboard.
      environment: { HOME: folder, KUBECONFIG: undefined },
      logPath: join(folder, `${name}.log`),
    };
    const component = startProcess(running);
    ends.set(name, () => component.stop());
    await awaitReady(component, isReady, READY_LIMIT_SECONDS);
    ends.set(name, watchOver([component], onFailure));
  };
  const end = () => Promise.all([...ends.values()].map((stop) => stop()));
  try {
    const endpoint = `https://127.0.0.1:${ports[2]}`;
    const files = await writeFiles(folder, endpoint, auditPolicy);
    const stages = componentsOf(tools, folder, files, ports, kubelets);
    for (const stage of stages) await Promise.all(stage.map(begin));
    const { tokens, kubeconfigs } = files;
    return {
      endpoint,
      certificateAuthority: files.certificateAuthority,
      adminToken: tokens.admin,
      workflowToken: tokens.workflow,
      cloudToken: tokens.cloud,
      kubeconfig: kubeconfigs.admin,
      workflowKubeconfig: kubeconfigs.workflow,
      cloudKubeconfig: kubeconfigs.cloud,
      etcdEndpoint: `http://127.0.0.1:${ports[0]}`,
      auditLogPath: files.auditLogPath,
      logFolder: folder,
      async crashApiServer(downSeconds) {
        await ends.get(API_SERVER)?.();
        await sleep(downSeconds * 1000);
        const apiServer = stages.flat().find(({ name }) => name === API_SERVER);
        if (apiServer !== undefined) await begin(apiServer);
      },
      async stop() {
        await end();
        remove();
      },
    };
  } catch (error) {
    await end();
    remove();
    throw error;
  }
}

/**
 * Start a real Kubernetes control plane on free ports of 127.0.0.1, with RBAC, an audit log, and its data in a temporary
 * folder. It ends with this process, however that ends.
 *
 * @throws ComponentFailure with the last lines of the log of the component that did not start
 */
export const startControlPlane = (options: ControlPlaneOptions): Promise<ControlPlane> =>
  onFreePorts(PORT_COUNT, (ports) => startOn(ports, options));
