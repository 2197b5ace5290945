import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRandom, createVirtualClock } from 'eks-sandbox/clock';
import {
  ADMIN,
  createAuthorizer,
  createEvictionAdmission,
  createKubernetesApi,
  createObjectStore,
  createSimulatedCluster,
  rulesOfGroup,
  withKubernetesFaults,
} from 'eks-sandbox/kubernetes';
import { type Fault, faultSchema, scenarioSchema } from 'eks-sandbox/scenario';
import { KUBERNETES_GROUPS } from '../../../domain/plan/rights.ts';
import type { Answer, ApiServer, Sent, WatchEvent } from './api-server.ts';

const WORKFLOW_GROUPS = Object.values(KUBERNETES_GROUPS);
const RBAC = new URL('../../../kubernetes/rbac.yaml', import.meta.url);
/** Few, so that a version can be forgotten without writing for long. */
const KEPT_EVENTS = 2_000;
const STEP_SECONDS = 0.5;
const LONGEST_WAIT_SECONDS = 600;

/** The sentence of an API server whose change met another. */
const modified = (resource: string, name: string) =>
  `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`;

const turnOfEventLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Start the simulated cluster, called directly and on a virtual clock: nothing waits in real time. */
export async function startSandboxServer(): Promise<ApiServer> {
  const scenario = scenarioSchema.parse({
    images: [{ id: 'ami-11111111', name: 'image' }],
    clusters: [
      {
        name: 'contract',
        groups: [
          { name: 'group', zones: ['eu-west-1a'], minSize: 0, maxSize: 0, desiredCapacity: 0, amiId: 'ami-11111111' },
        ],
      },
    ],
  });
  const [scenarioCluster] = scenario.clusters;
  if (scenarioCluster === undefined) throw new Error('the scenario has a cluster');
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const random = createRandom(scenario.seed);
  const store = createObjectStore({ clock, random: random.fork('store'), keptEvents: KEPT_EVENTS });
  const rbac = readFileSync(RBAC, 'utf8');
  const rulesByGroup = Object.fromEntries(WORKFLOW_GROUPS.map((group) => [group, rulesOfGroup(rbac, group)]));
  const users = new Map([
    ['admin', ADMIN],
    ['workflow', { username: 'workflow', groups: [...WORKFLOW_GROUPS, 'system:authenticated'] }],
    ['stranger', { username: 'stranger', groups: ['system:authenticated'] }],
  ]);
  let admitEviction: ReturnType<typeof createEvictionAdmission>;
  const healthy = createKubernetesApi({
    store,
    clock,
    random,
    version: '1.35.4',
    authenticate: ({ authorization = '' }) => users.get(authorization.replace(/^Bearer /, '')),
    authorize: createAuthorizer({ rulesByGroup }),
    admitEviction: async (pod, isDryRun) => admitEviction?.(pod, isDryRun),
  });
  let handle = healthy;
  const whileAdmitting = async <T>(fault: Fault, act: () => Promise<T>): Promise<T> => {
    admitEviction = createEvictionAdmission([fault], clock);
    try {
      return await act();
    } finally {
      admitEviction = undefined;
    }
  };
  const whileFaulty = async <T>(fault: Fault, act: () => Promise<T>): Promise<T> => {
    handle = withKubernetesFaults(healthy, [fault], clock);
    try {
      return await act();
    } finally {
      handle = healthy;
    }
  };
  const cluster = createSimulatedCluster({
    cluster: scenarioCluster,
    timings: scenario.timings,
    clock,
    random: random.fork('cluster'),
    store,
    region: scenario.region,
  });
  cluster.settleInstantly();

  const send = (method: string, target: string, sent: Sent = {}, signal?: AbortSignal) => {
    const [path = '', query = ''] = target.split('?');
    const { token = 'admin', body, type = 'application/json', accept, encoding } = sent;
    return handle({
      method,
      path,
      query: new URLSearchParams(query),
      headers: {
        'user-agent': 'contract/1',
        'content-type': type,
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(accept === undefined ? {} : { accept }),
        ...(encoding === undefined ? {} : { 'accept-encoding': encoding }),
      },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  };

  const request = async (method: string, target: string, sent?: Sent): Promise<Answer> => {
    const { status, headers, body } = await send(method, target, sent);
    const unpacked = headers['content-encoding'] === 'gzip' ? gunzipSync(body as Uint8Array) : body;
    return { status, headers, json: readJson(String(unpacked)) };
  };

  let machines = 0;
  return {
    admin: { token: 'admin', username: ADMIN.username },
    workflow: { token: 'workflow', username: 'workflow' },
    stranger: { token: 'stranger', username: 'stranger' },
    request,
    async watch(target, sent) {
      const aborter = new AbortController();
      const events: WatchEvent[] = [];
      const watch = { status: 0, events, hasEnded: false, close: () => aborter.abort() };
      const response = await send('GET', target, sent, aborter.signal);
      watch.status = response.status;
      const { body } = response;
      if (typeof body === 'string' || body instanceof Uint8Array) return Object.assign(watch, { hasEnded: true });
      const read = async () => {
        for await (const chunk of body) for (const line of chunk.trimEnd().split('\n')) events.push(JSON.parse(line));
        watch.hasEnded = true;
      };
      read().catch(() => {
        watch.hasEnded = true;
      });
      return watch;
    },
    async addNode(name, labels) {
      machines += 1;
      cluster.machineExisted({
        instanceId: `i-${String(machines).padStart(17, '0')}`,
        autoScalingGroupName: 'group',
        instanceType: 'm6i.xlarge',
        availabilityZone: 'eu-west-1a',
        privateDnsName: name,
        privateIpAddress: `10.0.${machines >> 8}.${machines & 255}`,
        imageId: 'ami-11111111',
        architecture: 'x86_64',
        kubeletVersion: 'v1.35.4',
        osImage: 'Amazon Linux 2023',
        boots: 'ready',
        labels,
        taints: [],
        capacity: { cpu: '4', memory: '16Gi', pods: 58 },
      });
    },
    async waitFor(what, check) {
      const limit = clock.now() + LONGEST_WAIT_SECONDS * 1000;
      for (;;) {
        const found = await check();
        if (found !== undefined && found !== false) return found;
        if (clock.now() >= limit) throw new Error(`${what}: did not come about in ${LONGEST_WAIT_SECONDS} s`);
        await clock.advance(STEP_SECONDS);
        await turnOfEventLoop();
      }
    },
    async letPass(seconds) {
      await clock.advance(seconds);
      await turnOfEventLoop();
    },
    whileOverloaded: (_namespace, act) => whileFaulty({ kind: 'throttle', action: 'kubernetes', everyNth: 1 }, act),
    whileContended: ({ name }, act) =>
      whileFaulty(
        {
          kind: 'fail',
          action: 'POST pods/eviction',
          error: 'Conflict',
          message: modified('poddisruptionbudgets.policy', name),
          times: 1,
          fromSeconds: 0,
        },
        act,
      ),
    whileWebhook: (namespace, webhook, act) =>
      whileAdmitting(faultSchema.parse({ kind: 'evictionWebhook', namespace, ...webhook }), act),
    whilePolicy: (namespace, policy, act) =>
      whileAdmitting(faultSchema.parse({ kind: 'evictionPolicy', namespace, name: namespace, ...policy }), act),
    async forgottenVersion() {
      const involvedObject = { kind: 'Node', name: 'forget' };
      store.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'forget', namespace: 'default' },
        involvedObject,
      });
      for (let written = 0; written <= 2 * KEPT_EVENTS; written += 1)
        store.change('events', 'default', 'forget', (object) => ({ ...object, message: String(written) }));
      return '1';
    },
    expireContinueTokens: () => clock.advance(301),
    stop: async () => {},
  };
}
