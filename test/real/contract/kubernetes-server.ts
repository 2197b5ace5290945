import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import { createAdmissionControl } from './admission-control.ts';
import type { Answer, ApiServer, Sent, WatchEvent } from './api-server.ts';
import { createContention } from './contention.ts';
import { createOverload } from './overload.ts';

/** Where the real API server is. */
export interface KubernetesServerOptions {
  /** `https://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** PEM; without one the server's certificate is not checked. */
  readonly certificateAuthority?: string;
  /** Of a member of `system:masters`. */
  readonly adminToken: string;
  readonly admin: string;
  /** Of a member of the groups of kubernetes/rbac.yaml. */
  readonly workflowToken: string;
  readonly workflow: string;
  /** Of the etcd behind it, plain HTTP: its history is compacted to make continue tokens expire. */
  readonly etcdEndpoint: string;
  readonly stop?: () => Promise<void>;
}

const RBAC = new URL('../../../kubernetes/rbac.yaml', import.meta.url);
const POLL_MS = 100;
const LONGEST_WAIT_SECONDS = 90;
/** `compactorPollPeriod` of k8s.io/apiserver, and a little more. */
const COMPACTION_NOTICED_SECONDS = 17;
const STRANGER = 'stranger';

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** Talk to a real control plane, whose nodes are simulated by kwok, and give the workflow's group its rights in it. */
export async function startKubernetesServer(options: KubernetesServerOptions): Promise<ApiServer> {
  const { endpoint, certificateAuthority: ca, adminToken, workflowToken } = options;
  const agent = new Agent({ keepAlive: true, ...(ca === undefined ? { rejectUnauthorized: false } : { ca }) });

  const send = (method: string, target: string, sent: Sent = {}, signal?: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { token = adminToken, body, type = 'application/json', accept = 'application/json', encoding } = sent;
      // Somebody without rights needs no token of his own: the administrator speaks in his name.
      const who =
        token === STRANGER
          ? { authorization: `Bearer ${adminToken}`, 'impersonate-user': STRANGER }
          : { ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const asked = httpsRequest(
        `${endpoint}${target}`,
        {
          method,
          agent,
          headers: {
            ...who,
            accept,
            'user-agent': 'contract/1',
            ...(encoding === undefined ? {} : { 'accept-encoding': encoding }),
            ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
          },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      asked.once('error', reject);
      asked.end(text);
    });

  const request = async (method: string, target: string, sent?: Sent): Promise<Answer> => {
    const response = await send(method, target, sent);
    return { status: response.statusCode ?? 0, headers: headersOf(response), json: readJson(await textOf(response)) };
  };

  const waitFor: ApiServer['waitFor'] = async (what, check) => {
    const limit = performance.now() + LONGEST_WAIT_SECONDS * 1000;
    for (;;) {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      if (performance.now() >= limit) throw new Error(`${what}: did not come about in ${LONGEST_WAIT_SECONDS} s`);
      await sleep(POLL_MS);
    }
  };

  const etcd = async (call: string, body: object) => {
    const response = await fetch(`${options.etcdEndpoint}/v3/kv/${call}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`etcd refused ${call}: ${await response.text()}`);
    return (await response.json()) as { header: { revision: string } };
  };

  for (const document of parseAllDocuments(readFileSync(RBAC, 'utf8'))) {
    const { kind, metadata, ...rest } = document.toJS();
    const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
    const api = kind === 'Namespace' ? '/api/v1' : '/apis/rbac.authorization.k8s.io/v1';
    const target = `${api}${scope}/${kind.toLowerCase()}s`;
    const { status, json } = await request('POST', target, { body: { kind, metadata, ...rest } });
    if (status >= 300 && status !== 409) throw new Error(`${target}: ${JSON.stringify(json)}`);
  }

  return {
    admin: { token: adminToken, username: options.admin },
    workflow: { token: workflowToken, username: options.workflow },
    stranger: { token: STRANGER, username: STRANGER },
    request,
    async watch(target, sent) {
      const aborter = new AbortController();
      const events: WatchEvent[] = [];
      const response = await send('GET', target, sent, aborter.signal);
      const watch = { status: response.statusCode ?? 0, events, hasEnded: false, close: () => aborter.abort() };
      const read = async () => {
        for await (const line of createInterface({ input: response })) events.push(JSON.parse(line));
      };
      read()
        // Closing it ourselves is an error to the socket.
        .catch(() => undefined)
        .finally(() => {
          watch.hasEnded = true;
        });
      response.once('error', () => undefined);
      return watch;
    },
    async addNode(name, labels) {
      const node = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
        spec: { providerID: `aws:///eu-west-1a/${name}` },
        status: {
          capacity: { cpu: '4', memory: '16Gi', pods: '58' },
          allocatable: { cpu: '4', memory: '16Gi', pods: '58' },
        },
      };
      const { status, json } = await request('POST', '/api/v1/nodes', { body: node });
      if (status !== 201) throw new Error(`cannot add node ${name}: ${JSON.stringify(json)}`);
      await waitFor(`node ${name} Ready and without taints`, async () => {
        const { json: now } = await request('GET', `/api/v1/nodes/${name}`);
        const ready = (now.status.conditions ?? []).find(({ type }: { type: string }) => type === 'Ready');
        return ready?.status === 'True' && now.spec.taints === undefined;
      });
    },
    waitFor,
    letPass: (seconds) => sleep(seconds * 1000),
    whileOverloaded: createOverload({
      endpoint,
      agent,
      username: options.workflow,
      token: workflowToken,
      request,
      waitFor,
    }),
    whileContended: createContention({ request, waitFor }),
    ...createAdmissionControl({ request, waitFor }),
    async forgottenVersion() {
      // The API server keeps no cache of events, so that etcd's word is final.
      const { header } = await etcd('range', { key: 'AA==' });
      await etcd('compaction', { revision: header.revision, physical: true });
      return '1';
    },
    async expireContinueTokens() {
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const { header } = await etcd('range', { key: base64('compact_rev_key') });
      // As another API server would do it: this one watches the key, and applies its changes from time to time.
      await etcd('put', { key: base64('compact_rev_key'), value: base64(header.revision) });
      await etcd('compaction', { revision: header.revision, physical: true });
      await sleep(COMPACTION_NOTICED_SECONDS * 1000);
    },
    async stop() {
      agent.destroy();
      await options.stop?.();
    },
  };
}
