import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { realAddresses } from './environment.ts';
import { readAuditEvents } from './harness/audit-policy.ts';
import { KUBERNETES_VERSION } from './harness/tools.ts';

const run = promisify(execFile);
const NAMESPACE = 'control-plane-test';
const NODE = 'control-plane-test';

const NODE_OBJECT = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: NODE, labels: { 'kubernetes.io/hostname': NODE, role: NODE } },
  status: {
    allocatable: { cpu: '4', memory: '16Gi', pods: '58' },
    capacity: { cpu: '4', memory: '16Gi', pods: '58' },
  },
};

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: NAMESPACE },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { nodeSelector: { role: NODE }, containers: [{ name: 'web', image: 'web' }] },
    },
  },
};

describe('the real control plane', () => {
  const { controlPlane, tools } = realAddresses();

  const kubectl = async (...argv: string[]) =>
    (await run(tools.kubectl, [`--kubeconfig=${controlPlane.kubeconfig}`, ...argv])).stdout;

  async function apply(object: object): Promise<void> {
    const child = run(tools.kubectl, [`--kubeconfig=${controlPlane.kubeconfig}`, 'apply', '--filename=-']);
    child.child.stdin?.end(JSON.stringify(object));
    await child;
  }

  after(async () => {
    await kubectl('delete', 'node', NODE, '--ignore-not-found');
    await kubectl('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false');
  });

  it(`is Kubernetes ${KUBERNETES_VERSION}, server and client`, async () => {
    const { serverVersion, clientVersion } = JSON.parse(await kubectl('version', '--output=json'));
    assert.deepEqual([serverVersion.gitVersion, clientVersion.gitVersion], [KUBERNETES_VERSION, KUBERNETES_VERSION]);
    const [major, minor] = KUBERNETES_VERSION.slice(1).split('.');
    assert.deepEqual([serverVersion.major, serverVersion.minor], [major, minor]);
  });

  it('makes a created node Ready', async () => {
    await apply(NODE_OBJECT);
    await kubectl('wait', `node/${NODE}`, '--for=condition=Ready', '--timeout=60s');
  });

  it('runs a Deployment on it', async () => {
    await kubectl('create', 'namespace', NAMESPACE);
    await apply(DEPLOYMENT);
    await kubectl('rollout', 'status', 'deployment/web', `--namespace=${NAMESPACE}`, '--timeout=60s');
    const pods = JSON.parse(await kubectl('get', 'pods', `--namespace=${NAMESPACE}`, '--output=json'));
    assert.deepEqual(
      pods.items.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName),
      [NODE, NODE],
    );
  });

  it('does not let the workflow list Secrets, and logs the refusal', async () => {
    const asWorkflow = run(tools.kubectl, [
      `--kubeconfig=${controlPlane.workflowKubeconfig}`,
      'get',
      'secrets',
      `--namespace=${NAMESPACE}`,
    ]);
    await assert.rejects(asWorkflow, /User "eks-nodegroup-upgrade" cannot list resource "secrets"/);
    const uri = `/api/v1/namespaces/${NAMESPACE}/secrets?limit=500`;
    const refused = readAuditEvents(readFileSync(controlPlane.auditLogPath, 'utf8')).filter(
      ({ user, requestURI }) => user.username === 'eks-nodegroup-upgrade' && requestURI === uri,
    );
    assert.deepEqual(
      refused.map(({ verb, responseStatus }) => [verb, responseStatus?.code]),
      [['list', 403]],
    );
  });

  it('logs the body of an eviction', async () => {
    const pods = JSON.parse(await kubectl('get', 'pods', `--namespace=${NAMESPACE}`, '--output=json'));
    const { name } = pods.items[0].metadata;
    const uri = `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
    const child = run(tools.kubectl, [
      `--kubeconfig=${controlPlane.kubeconfig}`,
      'create',
      `--raw=${uri}`,
      '--filename=-',
    ]);
    child.child.stdin?.end(JSON.stringify(eviction));
    await child;
    const [event] = readAuditEvents(readFileSync(controlPlane.auditLogPath, 'utf8')).filter(
      ({ requestURI }) => requestURI === uri,
    );
    assert.ok(event);
    assert.equal(event.responseStatus?.code, 201);
    assert.deepEqual((event.requestObject as typeof eviction).metadata, eviction.metadata);
  });
});
