import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type RequestOptions, request as requestOverTls } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Node } from '../kubernetes/kinds/node.ts';
import type { ObjectMeta } from '../kubernetes/objects.ts';
import type { SandboxResponse } from '../server/http.ts';

/** One request to an API server; `path` is percent-encoded, with the query, and header names are lower-case. */
export interface ClusterRequest {
  readonly method: string;
  readonly path: string;
  /** A list is sent as a header for each of its values. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What is read of an object, a list or a Status. */
export interface AnswerBody {
  readonly metadata?: Partial<ObjectMeta>;
  readonly items?: readonly Node[];
  readonly message?: string;
}

/** An answer of an API server about Nodes, read to its end. */
export interface ClusterAnswer {
  readonly status: number;
  readonly body: AnswerBody;
}

/** A cluster that is not ours, as its kubeconfig lets us use it. */
export interface ExternalCluster {
  /** Name of the kubeconfig's context. */
  readonly context: string;
  /** URL of the API server. */
  readonly server: string;
  /** PEM, base64. */
  readonly certificateAuthorityData: string;
  /** Whether the kubeconfig goes through a proxy, so that the server's address says nothing. */
  readonly hasProxy: boolean;
  /**
   * Send one request as the kubeconfig's user, and give the answer as it arrives.
   *
   * @throws Error when there is no answer
   */
  open(request: ClusterRequest): Promise<SandboxResponse>;
  /**
   * Send one request with an object, or none, and read the answer to its end.
   *
   * @throws Error when there is no answer within ten seconds
   */
  request(method: string, path: string, body?: object): Promise<ClusterAnswer>;
}

const TIMEOUT_MS = 10_000;

function loadKubeconfig(file: string): KubeConfig {
  const kubeconfig = new KubeConfig();
  try {
    kubeconfig.loadFromFile(file);
    return kubeconfig;
  } catch (error) {
    throw new Error(`${file} is not a kubeconfig: ${(error as Error).message.split('\n')[0]}`);
  }
}

function authorityOf({ caData, caFile }: { caData?: string | undefined; caFile?: string | undefined }, file: string) {
  if (caData !== undefined) return caData;
  if (caFile !== undefined) return readFileSync(caFile).toString('base64');
  throw new Error(
    `${file} names no certificate-authority for the cluster: the workflow checks the server's certificate against it, as it does on EKS`,
  );
}

const textHeaders = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

const parse = (text: string): AnswerBody => {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 300) };
  }
};

const PATCH_TYPE = 'application/strategic-merge-patch+json';

/**
 * Open the cluster of a kubeconfig: client certificates, tokens and exec plugins, as `kubectl` reads them.
 *
 * @param context default: the kubeconfig's current one
 * @throws Error with one sentence for a file, context or cluster that cannot be used
 */
export function openExternalCluster({
  file,
  context,
}: {
  readonly file: string;
  readonly context?: string | undefined;
}): ExternalCluster {
  const kubeconfig = loadKubeconfig(file);
  const names = kubeconfig.getContexts().map(({ name }) => name);
  const chosen = context ?? kubeconfig.getCurrentContext();
  if (!names.includes(chosen)) {
    const said = context === undefined ? 'has no current context' : `has no context ${context}`;
    throw new Error(`${file} ${said}: it has ${names.join(', ') || 'none'}`);
  }
  kubeconfig.setCurrentContext(chosen);
  const cluster = kubeconfig.getCurrentCluster();
  if (cluster === null) throw new Error(`${file}: context ${chosen} names a cluster that is not there`);
  if (!URL.canParse(cluster.server) || new URL(cluster.server).protocol !== 'https:') {
    throw new Error(`${file}: the server ${cluster.server} is not an https URL`);
  }
  const base = new URL(cluster.server);
  const prefix = base.pathname.replace(/\/$/, '');

  const open = async ({ method, path, headers, body, signal }: ClusterRequest): Promise<SandboxResponse> => {
    const identity: RequestOptions = {};
    await kubeconfig.applyToHTTPSOptions(identity);
    return new Promise((resolve, reject) => {
      const exchange = requestOverTls(
        {
          ...identity,
          method,
          hostname: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port || 443,
          path: prefix + path,
          ...(signal !== undefined && { signal }),
          headers: {
            ...headers,
            ...identity.headers,
            ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (message) => {
          message.setEncoding('utf8');
          // An aborted body is reported to whoever reads it; without this line also to the process.
          message.on('error', () => undefined);
          resolve({ status: message.statusCode ?? 0, headers: textHeaders(message.headers), body: message });
        },
      );
      exchange.on('error', reject);
      exchange.end(body);
    });
  };

  return {
    context: chosen,
    server: cluster.server,
    certificateAuthorityData: authorityOf(cluster, file),
    hasProxy: cluster.proxyUrl !== undefined,
    open,
    async request(method, path, body) {
      const contentType = method === 'PATCH' ? PATCH_TYPE : 'application/json';
      const answer = await open({
        method,
        path,
        headers: {
          accept: 'application/json',
          'user-agent': 'eks-nodegroup-upgrade-sandbox',
          ...(body !== undefined && { 'content-type': contentType }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      let text = '';
      for await (const piece of answer.body) text += piece;
      return { status: answer.status, body: parse(text) };
    },
  };
}
