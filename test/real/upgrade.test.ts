import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isReady, type Node, type Pod, type PodDisruptionBudget } from 'eks-sandbox/kubernetes';
import type { Execution } from 'eks-sandbox/step-functions';
import { after, before, describe, it } from 'mocha';
import { parseAllDocuments } from 'yaml';
import { LEASE_NAMESPACE, leaseName, RECORD_ANNOTATIONS } from '../../domain/admission/record.ts';
import { EXCLUDE_LABEL, UNSCHEDULABLE_TAINT } from '../../domain/nodegroup/node-ownership.ts';
import type { AuditEvent } from './harness/audit-policy.ts';
import {
  CORDON_WAIT_SECONDS,
  GROUP,
  NEW_AMI,
  type Rehearsal,
  rehearse,
  SPEED,
  WORKFLOW_USER,
  ZONES,
} from './upgrade/rehearsal.ts';
import { playVolumeAttacher } from './upgrade/volume-attacher.ts';
import {
  at,
  budgetsOf,
  codeOf,
  isDone,
  patched,
  podsOf,
  resourceOf,
  settled,
  tracesOn,
  whyFailed,
} from './upgrade/what-happened.ts';

const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${LEASE_NAMESPACE}/leases/${leaseName(GROUP)}`;
const BUDGETS = budgetsOf('shop');
const PODS = podsOf('shop');

/** Pods that a drain moves. */
const movable = (pods: readonly Pod[]) =>
  pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind !== 'DaemonSet');

/** Each verb on each resource that a manifest grants to functions, as `namespace group/resource verb`; `*` is everywhere. */
function grantedBy(file: string): string[] {
  const manifests = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  const rights = manifests
    .filter(({ metadata }) => !metadata.name.endsWith('-operators'))
    .flatMap(({ metadata, rules = [] }) =>
      (rules as { apiGroups: string[]; resources: string[]; verbs: string[] }[]).flatMap(
        ({ apiGroups, resources, verbs }) =>
          apiGroups.flatMap((group) =>
            resources.flatMap((resource) =>
              verbs.map((verb) => `${metadata.namespace ?? '*'} ${group}/${resource} ${verb}`),
            ),
          ),
      ),
    );
  return [...new Set(rights)];
}

describe('the upgrade of twelve nodes of a real cluster', () => {
  let rehearsal: Rehearsal;
  let execution: Execution;
  let oldNodes: Node[];
  let oldPods: Pod[];
  let events: AuditEvent[];
  /** What the workflow asked, from its first request to its last. */
  let ours: AuditEvent[];
  let nodesAfter: Node[];

  // The whole run happens once; each test checks another aspect of it.
  before(async function () {
    this.timeout(300_000);
    rehearsal = await rehearse(12, 'token');
    const stopAttaching = playVolumeAttacher(rehearsal);
    await rehearsal.apply('workloads.yaml');
    await settled(rehearsal);
    oldNodes = await rehearsal.nodes();
    oldPods = movable(await rehearsal.list<Pod>(PODS));
    // Somebody has taken a node out of the load balancers already: the workflow reads it before it writes.
    const [excluded] = oldNodes;
    await rehearsal.patch(`/api/v1/nodes/${excluded?.metadata.name}`, {
      metadata: { labels: { [EXCLUDE_LABEL]: '' } },
    });
    execution = await rehearsal.ended(rehearsal.start({ updateConfig: { maxUnavailable: 3 } }));
    await rehearsal.until('the old nodes are gone', async () => (await rehearsal.nodes()).length === 12);
    await rehearsal.until('every pod is at home again', async () => (await rehearsal.list<Pod>(PODS)).every(isReady));
    await stopAttaching();
    nodesAfter = await rehearsal.nodes();
    events = rehearsal.audit();
    ours = events.filter(({ user }) => user.username === WORKFLOW_USER);
  });

  after(() => rehearsal.stop());

  const patches = () =>
    ours.filter((event) => event.verb === 'patch' && resourceOf(event) === 'nodes' && isDone(event));
  const evictions = () => ours.filter((event) => resourceOf(event) === 'pods/eviction' && codeOf(event) === 201);
  const cordonOf = (nodeName: string) =>
    patches().find((event) => event.objectRef?.name === nodeName && patched(event).spec?.unschedulable === true);
  /** The first patch after which a node had our taint, for each node that ever had it. */
  const taintings = () => {
    const byNode = new Map<string, AuditEvent>();
    for (const event of patches()) {
      const { metadata, spec } = patched(event);
      const isTainted = spec?.taints?.some(({ key }) => key === UNSCHEDULABLE_TAINT.key) ?? false;
      if (isTainted && !byNode.has(metadata.name)) byNode.set(metadata.name, event);
    }
    return [...byNode.values()];
  };
  const deletionOf = (nodeName: string) =>
    events.find(
      (event) => event.verb === 'delete' && resourceOf(event) === 'nodes' && event.objectRef?.name === nodeName,
    );
  /** Where each pod was put, by namespace and name of its last binding before an instant. */
  const nodeOf = (eviction: AuditEvent) =>
    events
      .filter(
        (event) =>
          resourceOf(event) === 'pods/binding' &&
          event.objectRef?.name === eviction.objectRef?.name &&
          event.objectRef?.namespace === eviction.objectRef?.namespace &&
          at(event) <= at(eviction),
      )
      .map(({ requestObject }) => (requestObject as { target: { name: string } }).target.name)
      .at(-1);

  it('succeeds, and leaves twelve Ready nodes of the new AMI', () => {
    assert.equal(execution.status, 'SUCCEEDED', whyFailed(execution));
    const old = new Set(oldNodes.map(({ metadata }) => metadata.name));
    assert.deepEqual(
      nodesAfter.filter(({ metadata }) => old.has(metadata.name)),
      [],
    );
    assert.ok(nodesAfter.every(({ status }) => status?.nodeInfo?.osImage?.endsWith('20251229')));
    assert.ok(nodesAfter.every(isReady));
    const zones = nodesAfter.map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone']).sort();
    assert.deepEqual(
      zones,
      ZONES.flatMap((zone) => [zone, zone, zone, zone]),
    );
  });

  it('taints exactly the outdated nodes, all of them before the first eviction', () => {
    const firstEviction = Math.min(...evictions().map(at));
    assert.deepEqual(
      taintings()
        .map(({ objectRef }) => objectRef?.name)
        .sort(),
      oldNodes.map(({ metadata }) => metadata.name).sort(),
    );
    assert.ok(taintings().every((event) => at(event) < firstEviction));
  });

  it('has the surge registered before the first eviction', () => {
    const firstEviction = Math.min(...evictions().map(at));
    const registered = events.filter(
      (event) => event.verb === 'create' && resourceOf(event) === 'nodes' && isDone(event) && at(event) < firstEviction,
    );
    // A boot is longer than a round with such a short cordon wait, so the cap is the number of outdated nodes.
    assert.equal(registered.length, oldNodes.length + 12);
  });

  it('cordons a node after its last eviction, and waits before its instance is terminated', () => {
    for (const { metadata } of oldNodes) {
      const cordon = cordonOf(metadata.name);
      const deletion = deletionOf(metadata.name);
      assert.ok(cordon && deletion, `${metadata.name} was cordoned and deleted`);
      for (const eviction of evictions().filter((event) => nodeOf(event) === metadata.name)) {
        assert.ok(at(eviction) < at(cordon), `${eviction.objectRef?.name} was evicted from a cordoned node`);
      }
      assert.ok(at(deletion) - at(cordon) >= (CORDON_WAIT_SECONDS * 1000) / SPEED, `${metadata.name} went at once`);
    }
  });

  it('evicts each pod of the old nodes once', () => {
    const evicted = evictions().map(({ objectRef }) => objectRef?.name);
    assert.deepEqual(
      evicted.filter((name, index) => evicted.indexOf(name) !== index && !name?.startsWith('ledger-')),
      [],
    );
    for (const { metadata } of oldPods) assert.ok(evicted.includes(metadata.name), `${metadata.name} was evicted`);
  });

  it('deletes pods only by eviction', () => {
    const startedAt = Math.min(...ours.map(at));
    const deletions = events.filter(
      (event) => event.verb === 'delete' && resourceOf(event) === 'pods' && isDone(event) && at(event) >= startedAt,
    );
    const daemons = /^(aws-node|log-shipper)-/;
    for (const event of deletions.filter(({ objectRef }) => !daemons.test(objectRef?.name ?? ''))) {
      const eviction = evictions().find(
        (each) => each.objectRef?.name === event.objectRef?.name && at(each) <= at(event),
      );
      assert.ok(eviction, `${event.user.username} deleted ${event.objectRef?.name}, which nobody had evicted`);
    }
    assert.equal(ours.filter((event) => event.verb === 'delete' && resourceOf(event) === 'pods').length, 0);
  });

  it('never lets a budget fall below its minimum', () => {
    const startedAt = Math.min(...ours.map(at));
    const counted = events.filter(
      (event) => resourceOf(event) === 'poddisruptionbudgets/status' && isDone(event) && at(event) >= startedAt,
    );
    const statuses = counted.map(({ responseObject }) => responseObject as PodDisruptionBudget);
    assert.ok(statuses.length >= oldPods.length, 'the budgets were counted again with each eviction');
    for (const { metadata, status } of statuses) {
      const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
      assert.ok(currentHealthy >= desiredHealthy, `${metadata.name}: ${JSON.stringify(status)}`);
    }
  });

  it('leaves no taint, label, annotation or tag of ours on nodes, group or cluster', async () => {
    for (const node of nodesAfter) assert.deepEqual(tracesOn(node), [], node.metadata.name);
    assert.equal((await rehearsal.cluster.request('GET', LEASE)).status, 404);
    const group = rehearsal.served.sandbox.region.state.autoScaling.groups.get(GROUP);
    assert.deepEqual([group?.minSize, group?.desiredCapacity, group?.maxSize, group?.suspended.size], [12, 12, 13, 0]);
  });

  it('gets no refusal for missing rights', () => {
    assert.deepEqual(
      ours.filter((event) => codeOf(event) === 403 || codeOf(event) === 401).map(({ requestURI }) => requestURI),
      [],
    );
  });

  it('uses every right of the manifest, and no other', () => {
    const free = (event: AuditEvent) =>
      !event.objectRef?.resource || event.objectRef.resource.startsWith('selfsubject');
    const asked = ours.filter((event) => !free(event) && isDone(event));
    const namespaced = new Map([
      ['leases', LEASE_NAMESPACE],
      ['events', 'default'],
    ]);
    const used = asked.map((event) => {
      const { apiGroup = '', resource = '', namespace } = event.objectRef ?? {};
      const where = namespaced.has(resource) ? namespace : '*';
      return `${where} ${apiGroup}/${resourceOf(event)} ${event.verb}`;
    });
    assert.deepEqual([...new Set(used)].sort(), grantedBy('kubernetes/rbac.yaml').sort());
  });
});

describe('a budget of a real cluster that allows no disruption', () => {
  let rehearsal: Rehearsal;

  before(async function () {
    this.timeout(180_000);
    rehearsal = await rehearse(3, 'front door');
    await rehearsal.apply('tight-budget.yaml');
    await settled(rehearsal);
  });

  after(() => rehearsal.stop());

  const schedulable = async () => (await rehearsal.nodes()).filter((node) => tracesOn(node).length === 0).length;

  it('ends the run with PodEvictionFailure, which names pod and budget, and leaves the nodes schedulable', async () => {
    const pods = (await rehearsal.list<Pod>(PODS)).map(({ metadata }) => metadata.name);
    const execution = await rehearsal.ended(rehearsal.start({ drainTimeoutSeconds: 20 }, 'blocked'));
    assert.equal(execution.error, 'PodEvictionFailure');
    assert.ok(
      pods.some((name) => execution.cause?.includes(`shop/${name}`)),
      execution.cause,
    );
    assert.match(execution.cause ?? '', /PodDisruptionBudget shop\/tight /);
    await rehearsal.until(
      'every node is as it was',
      async () => (await schedulable()) === (await rehearsal.nodes()).length,
    );
  });

  it('a run that is cancelled while it is blocked ends, and leaves the nodes schedulable', async () => {
    const before = rehearsal.audit().length;
    const execution = rehearsal.start({ drainTimeoutSeconds: 60 }, 'cancelled');
    await rehearsal.until('a budget holds a pod', () =>
      rehearsal
        .audit()
        .slice(before)
        .some((event) => resourceOf(event) === 'pods/eviction' && codeOf(event) === 429),
    );
    await rehearsal.patch(LEASE, { metadata: { annotations: { [RECORD_ANNOTATIONS.cancel]: 'incident 4711' } } });
    await rehearsal.ended(execution);
    assert.equal(execution.error, 'UpgradeCancelled', whyFailed(execution));
    await rehearsal.until(
      'every node is as it was',
      async () => (await schedulable()) === (await rehearsal.nodes()).length,
    );
  });

  it('lets the run finish when it is removed, and a second run is refused until then', async () => {
    const first = rehearsal.start({}, 'first');
    const before = rehearsal.audit().length;
    await rehearsal.until('a budget holds a pod', () =>
      rehearsal
        .audit()
        .slice(before)
        .some((event) => resourceOf(event) === 'pods/eviction' && codeOf(event) === 429),
    );
    const second = await rehearsal.ended(rehearsal.start({}, 'second'));
    assert.equal(second.error, 'UpgradeInProgress', whyFailed(second));
    assert.match(second.cause ?? '', /:first\b/);
    assert.equal(first.status, 'RUNNING');
    await rehearsal.patch(`${BUDGETS}/tight`, { spec: { maxUnavailable: 1 } });
    await rehearsal.ended(first);
    assert.equal(first.status, 'SUCCEEDED', whyFailed(first));
    const members = rehearsal.served.sandbox.region.state.autoScaling.groups.get(GROUP)?.members.values() ?? [];
    assert.deepEqual(new Set([...members].map(({ instance }) => instance.image.id)), new Set([NEW_AMI]));
  });
});
