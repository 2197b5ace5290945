import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from 'eks-sandbox';
import { openExternalCluster } from 'eks-sandbox/external-cluster';
import type { Node } from 'eks-sandbox/kubernetes';
import type { ExternalCluster } from 'eks-sandbox/kubernetes-bridge';
import { type ScenarioInput, scenarioSchema } from 'eks-sandbox/scenario';
import type { Execution } from 'eks-sandbox/step-functions';
import { parseAllDocuments } from 'yaml';
import { type ServedSandbox, startServedSandbox } from '../../../cli/embedded/served-sandbox.ts';
import { type AuditEvent, readAuditEvents } from '../harness/audit-policy.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { prepareReal } from '../harness/tools.ts';

export const GROUP = 'shop-workers';
export const OLD_AMI = 'ami-0aaaaaaaaaaaaaaa1';
export const NEW_AMI = 'ami-0bbbbbbbbbbbbbbb2';
export const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
/** Simulated seconds per real second: the cloud boots quickly, the cluster is as quick as it is. */
export const SPEED = 5;
/** Short, as the owner of a rehearsal would give it. */
export const CORDON_WAIT_SECONDS = 5;
/** The user of the workflow's token in the real cluster. */
export const WORKFLOW_USER = 'eks-nodegroup-upgrade';

const image = (id: string, version: string, isRecommended: boolean) => ({
  id,
  name: `amazon-eks-node-al2023-x86_64-standard-1.33-v${version}`,
  releaseVersion: `1.33.5-${version}`,
  isRecommended,
});

type GroupInput = ScenarioInput['clusters'][number]['groups'][number];

const scenarioOf = (nodes: number, startsAt: Date, group: Partial<GroupInput>, others: readonly GroupInput[]) =>
  scenarioSchema.parse({
    startsAt: startsAt.toISOString(),
    clusters: [
      {
        name: 'shop',
        groups: [
          {
            name: GROUP,
            zones: ZONES,
            minSize: nodes,
            desiredCapacity: nodes,
            maxSize: nodes + 1,
            amiId: OLD_AMI,
            tags: { team: 'platform' },
            ...group,
          },
          ...others,
        ],
      },
    ],
    images: [image(OLD_AMI, '20251120', false), image(NEW_AMI, '20251229', true)],
  });

/** A real control plane, the sandbox as its cloud, and an upgrade to be tried there. */
export interface Rehearsal {
  readonly served: ServedSandbox;
  /** The cluster as its administrator sees it. */
  readonly cluster: ExternalCluster;
  /** The real one, to be disturbed. */
  readonly controlPlane: ControlPlane;
  create(object: KubernetesObject): Promise<void>;
  /** Create objects from a YAML file of this folder, or of kubernetes/. */
  apply(file: string): Promise<void>;
  list<Kind extends KubernetesObject>(path: string): Promise<Kind[]>;
  nodes(): Promise<Node[]>;
  patch(path: string, body: object): Promise<void>;
  start(input?: object, name?: string): Execution;
  /** Wait until a condition is true. @throws Error that names it after so many real seconds */
  until(what: string, holds: () => boolean | Promise<boolean>, limitSeconds?: number): Promise<void>;
  ended(execution: Execution): Promise<Execution>;
  audit(): AuditEvent[];
  stop(): Promise<void>;
}

const POLL_SECONDS = 0.25;
const LONGEST_SECONDS = 90;

const COLLECTIONS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  PersistentVolume: '/api/v1/persistentvolumes',
  Deployment: '/apis/apps/v1/namespaces/{}/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/{}/statefulsets',
  DaemonSet: '/apis/apps/v1/namespaces/{}/daemonsets',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/{}/poddisruptionbudgets',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
};

function collectionOf({ kind, metadata }: KubernetesObject): string {
  const path = COLLECTIONS[kind];
  if (path === undefined) throw new Error(`say where objects of kind ${kind} are created`);
  return path.replace('{}', metadata.namespace ?? 'default');
}

async function surround(
  controlPlane: ControlPlane,
  nodes: number,
  way: 'token' | 'front door',
  group: Partial<GroupInput>,
  others: readonly GroupInput[],
  isWorkflowElsewhere: boolean,
): Promise<Rehearsal> {
  const cluster = openExternalCluster({ file: controlPlane.kubeconfig });
  const served = await startServedSandbox({
    scenario: scenarioOf(nodes, new Date(), group, others),
    speed: SPEED,
    isWorkflowElsewhere,
    external: {
      cluster: openExternalCluster({ file: controlPlane.cloudKubeconfig }),
      kubeconfig: controlPlane.kubeconfig,
      workflowToken: way === 'token' ? () => controlPlane.workflowToken : undefined,
      onProblem: (sentence) => {
        throw new Error(sentence);
      },
    },
  });
  const { stepFunctions } = served.sandbox;
  const [machine] = stepFunctions.machines;
  if (machine === undefined) throw new Error('the sandbox has no state machine');

  const list: Rehearsal['list'] = async <Kind extends KubernetesObject>(path: string) =>
    (await cluster.request('GET', path)).body.items as unknown as Kind[];
  const until: Rehearsal['until'] = async (what, holds, limitSeconds = LONGEST_SECONDS) => {
    const givenUpAt = performance.now() + limitSeconds * 1000;
    while (!(await holds())) {
      if (performance.now() > givenUpAt) throw new Error(`after ${limitSeconds} s still not so: ${what}`);
      await sleep(POLL_SECONDS * 1000);
    }
  };
  const create: Rehearsal['create'] = async (object) => {
    const { status, body } = await cluster.request('POST', collectionOf(object), object);
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${body.message}`);
  };
  return {
    served,
    cluster,
    list,
    until,
    controlPlane,
    create,
    async apply(file) {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      for (const document of parseAllDocuments(text)) await create(document.toJS() as KubernetesObject);
    },
    nodes: () => list('/api/v1/nodes'),
    async patch(path, body) {
      const answer = await cluster.request('PATCH', path, body);
      if (answer.status !== 200) throw new Error(`patch ${path}: ${answer.body.message}`);
    },
    start(input = {}, name = 'upgrade') {
      const value = {
        clusterName: 'shop',
        autoScalingGroupName: GROUP,
        cordonWaitSeconds: CORDON_WAIT_SECONDS,
        ...input,
      };
      return stepFunctions.start(machine, { text: JSON.stringify(value), value } as never, name);
    },
    async ended(execution) {
      await until(`${execution.name} has ended`, () => execution.status !== 'RUNNING');
      return execution;
    },
    audit: () => readAuditEvents(readFileSync(controlPlane.auditLogPath, 'utf8')),
    async stop() {
      await served.close();
      await controlPlane.stop();
    },
  };
}

/**
 * Start a real cluster of so many nodes in three zones, with the RBAC manifest applied and nothing else that could give the
 * workflow rights.
 *
 * @param way   how the workflow gets in: directly with a token of its own, or with EKS tokens by the sandbox's front door
 * @param group what is otherwise about the node group
 * @param others node groups besides it
 * @param isWorkflowElsewhere the sandbox is only the cloud
 */
export async function rehearse(
  nodes: number,
  way: 'token' | 'front door',
  group: Partial<GroupInput> = {},
  others: readonly GroupInput[] = [],
  isWorkflowElsewhere = false,
): Promise<Rehearsal> {
  const tools = await prepareReal(() => undefined);
  const controlPlane = await startControlPlane({ tools, kubelets: 'annotated' });
  try {
    const rehearsal = await surround(controlPlane, nodes, way, group, others, isWorkflowElsewhere);
    await rehearsal.apply('../../../kubernetes/rbac.yaml');
    return rehearsal;
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}
