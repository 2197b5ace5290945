import { unpack } from '../../../server/content-encoding.ts';
import type { RequestHandler, SandboxResponse } from '../../../server/http.ts';
import type { SandboxClock } from '../../../world/clock.ts';
import { NODEGROUP_LABEL, type NodeTaint } from '../state/nodegroup.ts';
import { UpdateFailure } from '../state/update.ts';

/** A Node: only what EKS reads. */
export interface KubernetesNode {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly NodeTaint[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** A Pod: only what EKS reads. */
export interface KubernetesPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
  };
}

/** A cluster as EKS itself uses it: with the rights of `eks:node-manager`, and nothing else. */
export interface ClusterAccess {
  nodesOf(nodegroupName: string): Promise<KubernetesNode[]>;
  /** @returns undefined when there is none of this name */
  findNode(name: string): Promise<KubernetesNode | undefined>;
  podsOn(nodeName: string): Promise<KubernetesPod[]>;
  /** Change a node by what it is now; does nothing to one that is gone. */
  changeNode(name: string, change: (node: KubernetesNode) => object | undefined): Promise<void>;
  /** Ask for a pod to be evicted. Whether its budgets allow it is not returned: list the pods again. */
  evict(pod: KubernetesPod): Promise<void>;
  deletePod(pod: KubernetesPod): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A failure as an API server writes it. */
interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string }[] };
}

interface List<T> {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly T[];
}

const PAGE = 500;
const RETRY_SECONDS = 5;
const MOST_ATTEMPTS = 6;
const MERGE_PATCH = 'application/merge-patch+json';
const SEVERAL_BUDGETS = 'more than one PodDisruptionBudget';
const WEBHOOK_FAILED = 'failed calling webhook';

const textOf = async (answer: SandboxResponse): Promise<string> => {
  const { body } = unpack(answer);
  if (typeof body === 'string') return body;
  let text = '';
  for await (const piece of body) text += piece;
  return text;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 300) };
  }
};

const messageOf = ({ body }: Answer): string => (body as Status).message ?? '';

/**
 * Whether something about the pod refuses an eviction, not the API server: a budget with 429 and a cause, or with 500 several
 * budgets, or a webhook that cannot be asked.
 */
const isBlocked = (answer: Answer): boolean =>
  (answer.status === 429 &&
    ((answer.body as Status).details?.causes ?? []).some(({ reason }) => reason === 'DisruptionBudget')) ||
  (answer.status === 500 && [SEVERAL_BUDGETS, WEBHOOK_FAILED].some((text) => messageOf(answer).includes(text)));

/** Whether RBAC refuses; a budget that is out of order and a namespace that is being deleted answer 403 as well. */
const isDenied = (answer: Answer): boolean =>
  answer.status === 401 || (answer.status === 403 && / cannot \w+ resource /.test(messageOf(answer)));

const mayPass = (answer: Answer): boolean =>
  answer.status === 0 || ((answer.status === 429 || answer.status >= 500) && !isBlocked(answer));

const podPath = ({ metadata: { namespace, name } }: KubernetesPod) =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
const nodePath = (name: string) => `/api/v1/nodes/${encodeURIComponent(name)}`;

/**
 * Create EKS's access to a cluster.
 *
 * Must be used inside `run` of the clock. What the API server does not answer for half a minute is `ClusterUnreachable`; a
 * refusal of the credentials or by RBAC is `AccessDenied`.
 *
 * @param handler the API server, where requests arrive as those of `eks:node-manager`
 */
export function createClusterAccess(handler: RequestHandler, clock: SandboxClock): ClusterAccess {
  const send = async (method: string, path: string, query: URLSearchParams, body?: object): Promise<Answer> => {
    try {
      const answer = await handler({
        method,
        path,
        query,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': method === 'PATCH' ? MERGE_PATCH : 'application/json' }),
        },
        body: body === undefined ? '' : JSON.stringify(body),
      });
      return { status: answer.status, body: parse(await textOf(answer)) };
    } catch (thrown) {
      return { status: 0, body: { message: (thrown as Error).message } };
    }
  };

  /** @throws {UpdateFailure} unless there is an answer about the object that was asked for */
  const request = async (method: string, path: string, given: { query?: URLSearchParams; body?: object } = {}) => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send(method, path, given.query ?? new URLSearchParams(), given.body);
      if (isDenied(answer)) throw new UpdateFailure('AccessDenied', messageOf(answer));
      if (!mayPass(answer)) return answer;
      if (attempt === MOST_ATTEMPTS) throw new UpdateFailure('ClusterUnreachable', messageOf(answer));
      await clock.sleep(RETRY_SECONDS);
    }
  };

  const list = async <T>(path: string, selector: Readonly<Record<string, string>>): Promise<T[]> => {
    const items: T[] = [];
    let next: string | undefined;
    do {
      const query = new URLSearchParams({ ...selector, limit: String(PAGE), ...(next && { continue: next }) });
      const answer = await request('GET', path, { query });
      if (answer.status === 410) {
        items.length = 0;
        next = '';
        continue;
      }
      const page = answer.body as Partial<List<T>>;
      if (answer.status !== 200 || page.items === undefined) throw new UpdateFailure('Unknown', messageOf(answer));
      items.push(...page.items);
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    return items;
  };

  const findNode = async (name: string) => {
    const answer = await request('GET', nodePath(name));
    return answer.status === 200 ? (answer.body as KubernetesNode) : undefined;
  };

  return {
    nodesOf: (nodegroupName) => list('/api/v1/nodes', { labelSelector: `${NODEGROUP_LABEL}=${nodegroupName}` }),
    findNode,
    podsOn: (nodeName) => list('/api/v1/pods', { fieldSelector: `spec.nodeName=${nodeName}` }),
    async changeNode(name, change) {
      for (;;) {
        const node = await findNode(name);
        const changed = node && change(node);
        if (node === undefined || changed === undefined) return;
        const metadata = { resourceVersion: node.metadata.resourceVersion };
        const body = {
          ...changed,
          metadata: { ...metadata, ...('metadata' in changed ? (changed.metadata as object) : {}) },
        };
        const answer = await request('PATCH', nodePath(name), { body });
        // Taints are a list without keys: a change by somebody else in between must not be lost.
        if (answer.status !== 409) return;
      }
    },
    async evict(pod) {
      const { name, namespace, uid } = pod.metadata;
      await request('POST', `${podPath(pod)}/eviction`, {
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace },
          deleteOptions: { preconditions: { uid } },
        },
      });
    },
    async deletePod(pod) {
      await request('DELETE', podPath(pod), { body: { preconditions: { uid: pod.metadata.uid } } });
    },
  };
}
