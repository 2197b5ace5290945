import type { Authorize } from '../../../kubernetes/api/access.ts';
import { withoutRights } from '../../../kubernetes/faults/denials.ts';
import { createEvictionAdmission } from '../../../kubernetes/faults/eviction-admission.ts';
import { createStaleCache } from '../../../kubernetes/faults/stale-lists.ts';
import { withKubernetesFaults } from '../../../kubernetes/faults.ts';
import type { Pod } from '../../../kubernetes/kinds/pod.ts';
import { createKubernetesApi } from '../../../kubernetes/kubernetes-api.ts';
import { createObjectStore } from '../../../kubernetes/object-store.ts';
import type { KubernetesObject, ObjectMeta } from '../../../kubernetes/objects.ts';
import type { ObjectStore } from '../../../kubernetes/store.ts';
import type { RequestHandler, SandboxResponse } from '../../../server/http.ts';
import { createRandom } from '../../../world/random.ts';
import { faultSchema } from '../../../world/scenario/fault.ts';
import type { ScenarioInput } from '../../../world/scenario.ts';
import { createVirtualClock, type VirtualClock } from '../../../world/virtual-clock.ts';

export const START = Date.parse('2026-01-04T03:00:00Z');

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Call {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface TestApi {
  readonly store: ObjectStore;
  readonly clock: VirtualClock;
  readonly handle: RequestHandler;
  /** One call; the body is read as JSON. */
  call(method: string, target: string, options?: Call): Promise<Answer>;
  raw(method: string, target: string, options?: Call): Promise<SandboxResponse>;
}

/** An API server over an empty store on a virtual clock; everybody is admin unless told otherwise. */
export function createTestApi({
  authorize = () => true,
  keptEvents = 20_000,
  faults: given = [],
}: {
  authorize?: Authorize;
  keptEvents?: number;
  faults?: NonNullable<ScenarioInput['faults']>;
} = {}): TestApi {
  const faults = given.map((fault) => faultSchema.parse(fault));
  const clock = createVirtualClock(START);
  const random = createRandom(1);
  const store = createObjectStore({ clock, random, keptEvents });
  const authenticate = () => ({ username: 'tester', groups: ['system:authenticated'] });
  const api = createKubernetesApi({
    store,
    clock,
    random,
    authenticate,
    authorize: withoutRights(authorize, faults, clock),
    version: '1.33',
    watchCache: createStaleCache(store, faults, clock),
    admitEviction: createEvictionAdmission(faults, clock),
  });
  const handle = withKubernetesFaults(api, faults, clock);

  const raw: TestApi['raw'] = (method, target, { body, type, accept, signal } = {}) => {
    const [path = '', query = ''] = target.split('?');
    return handle({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'user-agent': 'test/1', ...(accept ? { accept } : {}), 'content-type': type ?? 'application/json' },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  };
  const call: TestApi['call'] = async (method, target, options) => {
    const response = await raw(method, target, options);
    const text = String(response.body);
    return { ...response, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return { store, clock, handle, call, raw };
}

export const addNode = ({ store }: TestApi, name: string, fields: object = {}): KubernetesObject =>
  store.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {}, ...fields });

/** A running, ready pod of app=web unless told otherwise. */
export const addPod = (
  { store }: TestApi,
  name: string,
  {
    phase = 'Running',
    isReady = true,
    nodeName = 'n1',
    labels = { app: 'web' },
    ...metadata
  }: Partial<ObjectMeta> & { readonly phase?: string; readonly isReady?: boolean; readonly nodeName?: string } = {},
): Pod =>
  store.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels, ...metadata },
    spec: { nodeName, containers: [{ name: 'main', image: 'web:1' }], terminationGracePeriodSeconds: 30 },
    status: { phase, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  });

/** A budget over app=web that its controller has observed. */
export const addBudget = ({ store }: TestApi, name: string, status: object = {}, spec: object = {}): KubernetesObject =>
  store.create('poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'default' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } }, ...spec },
    status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, ...status },
  });
