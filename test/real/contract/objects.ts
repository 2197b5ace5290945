import { resourcePath, STRATEGIC, type World } from './world.ts';

/** What a pod of the suite may differ in. */
export interface PodShape {
  readonly app?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly terminationGracePeriodSeconds?: number;
  readonly tolerations?: readonly object[];
  readonly nodeName?: string;
  /** Replaces the selector of this world's own nodes. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Labels no node has: a pod that selects them stays Pending. */
export const NOWHERE = { contract: 'nowhere' };

/** The spec of a pod for this world's nodes. */
export const podSpec = ({ namespace }: World, shape: PodShape = {}) => ({
  nodeSelector: shape.nodeSelector ?? { contract: namespace },
  terminationGracePeriodSeconds: shape.terminationGracePeriodSeconds ?? 30,
  containers: [{ name: 'main', image: 'contract:1' }],
  ...(shape.tolerations === undefined ? {} : { tolerations: shape.tolerations }),
  ...(shape.nodeName === undefined ? {} : { nodeName: shape.nodeName }),
});

/** A pod, labelled `app=web` unless other labels are given. */
export const podObject = (world: World, name: string, shape: PodShape = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: world.namespace,
    labels: shape.labels ?? { app: shape.app ?? 'web' },
  },
  spec: podSpec(world, shape),
});

/** A Deployment of `app=NAME`. */
export const deploymentObject = (
  world: World,
  name: string,
  replicas: number,
  spec: object = {},
  shape?: PodShape,
) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: world.namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec(world, shape) },
    ...spec,
  },
});

/** A DaemonSet of `app=web`. */
export const daemonSetObject = (world: World, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { ...podSpec(world), ...spec } },
  },
});

export const podPath = ({ namespace }: World, name: string): string => resourcePath('v1', namespace, 'pods', name);

/** A pod as it is now, `undefined` when it is gone. */
export async function podNow(world: World, name: string) {
  const { status, json } = await world.ask('GET', podPath(world, name));
  return status === 404 ? undefined : json;
}

// biome-ignore lint/suspicious/noExplicitAny: objects as they come
export const conditionOf = (object: any, type: string): any =>
  // biome-ignore lint/suspicious/noExplicitAny: objects as they come
  (object?.status?.conditions ?? []).find((condition: any) => condition.type === type);

// biome-ignore lint/suspicious/noExplicitAny: objects as they come
export const isReady = (object: any): boolean => conditionOf(object, 'Ready')?.status === 'True';

/** Pods of this world with a label selector. */
// biome-ignore lint/suspicious/noExplicitAny: objects as they come
export async function podsOf(world: World, labelSelector = 'app=web'): Promise<any[]> {
  const target = `${world.path('v1', 'pods')}?labelSelector=${encodeURIComponent(labelSelector)}`;
  return (await world.must('GET', target)).items;
}

/** Create bare pods NAME-0, NAME-1, … and wait until they are Ready. */
export async function readyPods(world: World, count: number, shape: PodShape = {}): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${shape.app ?? 'web'}-${index}`);
  for (const name of names) await world.must('POST', world.path('v1', 'pods'), podObject(world, name, shape));
  await world.server.waitFor(`${count} ready pods`, async () => {
    const pods = await Promise.all(names.map((name) => podNow(world, name)));
    return pods.every(isReady);
  });
  return names;
}

/**
 * Create bare, Ready pods NAME-0, NAME-1, … that nobody runs: once deleted they stay and terminate, for their node does not
 * exist and so has no kubelet to end them. (kwok ends pods whatever finalizers they have.)
 */
export async function pinnedPods(world: World, count: number, shape: PodShape = {}): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const name = `${shape.app ?? 'web'}-${index}`;
    const nodeName = `${world.namespace}-absent`;
    await world.must('POST', world.path('v1', 'pods'), podObject(world, name, { nodeName, ...shape }));
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await world.must('PATCH', `${podPath(world, name)}/status`, { status }, STRATEGIC);
  }
}

/** Create a Deployment and wait until all its pods are Ready. */
export async function readyDeployment(world: World, name: string, replicas: number, spec?: object, shape?: PodShape) {
  await world.must('POST', world.path('apps/v1', 'deployments'), deploymentObject(world, name, replicas, spec, shape));
  await world.server.waitFor(`deployment ${name} with ${replicas} ready pods`, async () => {
    const { status } = await world.must('GET', world.path('apps/v1', 'deployments', name));
    return status.readyReplicas === replicas;
  });
}

/** Say in place of its kubelet that a pod is not ready. */
export const makeUnready = (world: World, name: string) =>
  world.must(
    'PATCH',
    `${podPath(world, name)}/status`,
    { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    STRATEGIC,
  );

/** Say in place of its kubelet that a pod has ended. */
export const endPod = (world: World, name: string, phase: 'Succeeded' | 'Failed') =>
  world.must(
    'PATCH',
    `${podPath(world, name)}/status`,
    { status: { phase, conditions: [{ type: 'Ready', status: 'False' }] } },
    STRATEGIC,
  );

const budgetPath = (world: World, name: string) => world.path('policy/v1', 'poddisruptionbudgets', name);

/** A budget as it is now. */
export const budgetNow = (world: World, name = 'pdb') => world.must('GET', budgetPath(world, name));

/** Create a budget over `app=web`. */
export const createBudget = (world: World, spec: object, name = 'pdb') =>
  world.must('POST', world.path('policy/v1', 'poddisruptionbudgets'), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: world.namespace },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });

/**
 * Create a budget over `app=web` and wait until its controller has computed what it allows.
 *
 * @param expected fields of the status that it must come to
 */
export async function settledBudget(world: World, spec: object, expected: object = {}, name = 'pdb') {
  await createBudget(world, spec, name);
  return budgetBecomes(world, expected, name);
}

/** Wait until a budget is observed and its status has these fields. */
export const budgetBecomes = (world: World, expected: object, name = 'pdb') =>
  world.server.waitFor(`budget ${name} with ${JSON.stringify(expected)}`, async () => {
    const budget = await budgetNow(world, name);
    const { status = {}, metadata } = budget;
    const isObserved = status.observedGeneration === metadata.generation;
    return isObserved && Object.entries(expected).every(([field, value]) => status[field] === value) && budget;
  });

/** Ask for the eviction of a pod. */
export const evict = (world: World, name: string, deleteOptions?: object, query = '') =>
  world.ask('POST', `${podPath(world, name)}/eviction${query}`, {
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: world.namespace },
      ...(deleteOptions === undefined ? {} : { deleteOptions }),
    },
  });
