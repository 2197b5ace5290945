import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './checks.ts';
import { runClient, startClient, succeed } from './client-program.ts';

/** kubectl as people use it around an upgrade, against the cluster of KUBECONFIG. */

const kubectl = (...argv: string[]) => succeed('kubectl', argv);
const json = async (...argv: string[]) => JSON.parse(await kubectl(...argv, '--output=json'));
/** Rows of a table that kubectl printed, split at runs of blanks; the first is the header. */
const rowsOf = (table: string) =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(/\s{2,}|\s+$/).filter((cell) => cell !== ''));

const OLD_IMAGE = /Amazon Linux 2023\.9\.20251120/;
const NEW_IMAGE = /Amazon Linux 2023\.9\.20251229/;
const BLOCKED_DEPLOYMENT = readFileSync(join(import.meta.dirname, 'blocked-deployment.yaml'), 'utf8');

interface NodeFacts {
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly key: string }[] };
}

const nodesNow = async (): Promise<readonly NodeFacts[]> => (await json('get', 'nodes')).items;
const before = await nodesNow();
const oldNames = new Set(before.map(({ metadata }) => metadata.name));

await check('version: client and server know each other, and the server is an EKS one', async () => {
  const { serverVersion } = await json('version');
  assert.match(serverVersion.gitVersion, /^v1\.33\.\d+-eks-/);
  assert.deepEqual([serverVersion.major, serverVersion.minor], ['1', '33']);
});

await check('api-resources: the kinds an upgrade touches, with group, scope and short names', async () => {
  const rows = (await kubectl('api-resources', '--no-headers'))
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
  const find = (name: string, version: string) => rows.find((row) => row[0] === name && row.includes(version));
  assert.deepEqual(find('nodes', 'v1'), ['nodes', 'no', 'v1', 'false', 'Node']);
  assert.deepEqual(find('pods', 'v1'), ['pods', 'po', 'v1', 'true', 'Pod']);
  assert.deepEqual(find('poddisruptionbudgets', 'policy/v1'), [
    'poddisruptionbudgets',
    'pdb',
    'policy/v1',
    'true',
    'PodDisruptionBudget',
  ]);
  const versions = [
    ['deployments', 'apps/v1'],
    ['daemonsets', 'apps/v1'],
    ['statefulsets', 'apps/v1'],
    ['replicasets', 'apps/v1'],
    ['jobs', 'batch/v1'],
    ['leases', 'coordination.k8s.io/v1'],
    ['volumeattachments', 'storage.k8s.io/v1'],
    ['namespaces', 'v1'],
    ['services', 'v1'],
    ['events', 'v1'],
  ] as const;
  for (const [name, version] of versions) assert.ok(find(name, version), `${name} of ${version}`);
});

await check(
  'auth can-i: an administrator may, by verb, resource and subresource; a wrong token is refused',
  async () => {
    assert.equal((await kubectl('auth', 'can-i', 'patch', 'nodes')).trim(), 'yes');
    assert.equal((await kubectl('auth', 'can-i', 'create', 'pods/eviction', '--namespace=shop')).trim(), 'yes');
    assert.match(await kubectl('auth', 'can-i', '--list'), /poddisruptionbudgets/);
    const cluster = (await json('config', 'view', '--raw')).clusters[0].cluster;
    const refused = await runClient('kubectl', [
      'get',
      'nodes',
      '--kubeconfig=/dev/null',
      `--server=${cluster.server}`,
      '--insecure-skip-tls-verify',
      '--token=wrong',
    ]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /You must be logged in to the server \(?.*Unauthorized|\(Unauthorized\)/);
  },
);

await check('get nodes: a row a node, all Ready, named, selected and sorted as asked', async () => {
  const [header, ...rows] = rowsOf(await kubectl('get', 'nodes'));
  assert.deepEqual(header, ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION']);
  assert.equal(rows.length, 6);
  for (const [name, status, roles, , version] of rows) {
    assert.match(name as string, /^ip-10-0-\d+-\d+\.eu-west-1\.compute\.internal$/);
    assert.deepEqual([status, roles, version], ['Ready', '<none>', 'v1.33.5']);
  }
  const names = await kubectl('get', 'nodes', '--output=name', '--selector=topology.kubernetes.io/zone=eu-west-1a');
  assert.equal(names.trim().split('\n').length, 2);
  const [one] = oldNames;
  const field = await kubectl('get', 'nodes', '--output=name', `--field-selector=metadata.name=${one}`);
  assert.equal(field, `node/${one}\n`);
  const sorted = await kubectl('get', 'no', '--sort-by=.metadata.name', '--output=jsonpath={.items[*].metadata.name}');
  assert.deepEqual(sorted.split(' '), [...oldNames].sort());
  const missing = await runClient('kubectl', ['get', 'node', 'nowhere']);
  assert.deepEqual([missing.code, missing.stderr], [1, 'Error from server (NotFound): nodes "nowhere" not found\n']);
});

await check('get nodes -o wide: addresses, image, kernel and runtime of each', async () => {
  const [header, ...rows] = rowsOf(await kubectl('get', 'nodes', '--output=wide'));
  assert.deepEqual(header?.slice(5), ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME']);
  for (const row of rows) {
    assert.match(row[5] as string, /^10\.0\.\d+\.\d+$/);
    assert.match(row[7] as string, OLD_IMAGE);
    assert.match(row[9] as string, /^containerd:\/\//);
  }
});

await check('get, of other kinds: pods of all namespaces with their nodes, budgets, in tables', async () => {
  const [podHeader, ...pods] = rowsOf(await kubectl('get', 'pods', '--all-namespaces', '--output=wide'));
  assert.deepEqual(podHeader?.slice(0, 5), ['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS']);
  assert.ok(pods.length >= 12 + 3 + 2 + 6, `${pods.length} pods`);
  for (const pod of pods) assert.ok(oldNames.has(pod[7] as string), pod.join(' '));
  const [budgetHeader, ...budgets] = rowsOf(await kubectl('get', 'pdb', '--namespace=shop'));
  assert.deepEqual(budgetHeader, ['NAME', 'MIN AVAILABLE', 'MAX UNAVAILABLE', 'ALLOWED DISRUPTIONS', 'AGE']);
  assert.deepEqual(
    budgets.map((row) => row.slice(0, 4)),
    [
      ['ledger', 'N/A', '1', '1'],
      ['web', '75%', 'N/A', '3'],
    ],
  );
  const chunked = await kubectl('get', 'pods', '--namespace=shop', '--chunk-size=4', '--output=name');
  assert.equal(chunked.trim().split('\n').length, 15);
});

await check('describe node: labels, conditions, capacity, its pods and what they ask for', async () => {
  const [name] = oldNames;
  const text = await kubectl('describe', 'node', name as string);
  for (const part of [
    new RegExp(`^Name: +${name}$`, 'm'),
    /topology\.kubernetes\.io\/zone=eu-west-1[abc]/,
    /^Taints: +<none>$/m,
    /^Unschedulable: +false$/m,
    /^ +Ready +True .* KubeletReady/m,
    /^ +InternalIP: +10\.0\./m,
    /^Allocatable:\n +cpu: +\d/m,
    /^ProviderID: +aws:\/\/\/eu-west-1[abc]\/i-[0-9a-f]{17}$/m,
    /^Non-terminated Pods: +\((\d+) in total\)$/m,
    /^ +kube-system +aws-node-\w+ +50m \(1%\)/m,
    /^Allocated resources:/m,
  ]) {
    assert.match(text, part);
  }
  assert.match(await kubectl('describe', 'pdb', 'web', '--namespace=shop'), /Allowed disruptions: +3/);
});

await check(
  'apply: a manifest of every kind, also of one that nobody knows, without being told not to validate',
  async () => {
    const file = join(import.meta.dirname, 'public-kinds.yaml');
    const lines = (await kubectl('apply', `--filename=${file}`)).trim().split('\n');
    assert.equal(lines.length, 19);
    assert.deepEqual(
      lines.filter((line) => !line.endsWith(' created')),
      [],
    );
    const again = await kubectl('apply', `--filename=${file}`);
    assert.equal(again.match(/ unchanged$/gm)?.length, 19, again);
    await kubectl('wait', '--for=condition=Established', 'crd/services.kinds.example.com', '--timeout=10s');
    const custom =
      'apiVersion: kinds.example.com/v1\nkind: Service\nmetadata: { name: a, namespace: kinds }\nspec: { any: 1 }\n';
    const unknown = 'apiVersion: nobody.example.com/v1\nkind: Thing\nmetadata: { name: b, namespace: kinds }\n';
    const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: kinds }\n';
    const mixed = await runClient('kubectl', ['apply', '--filename=-'], [custom, unknown, map].join('---\n'));
    assert.equal(mixed.stdout, 'service.kinds.example.com/a created\nconfigmap/c created\n');
    assert.match(mixed.stderr, /no matches for kind "Thing" in version "nobody.example.com\/v1"/);
    assert.equal(await kubectl('get', 'ksvc', '--namespace=kinds', '--output=name'), 'service.kinds.example.com/a\n');
    assert.match(await kubectl('explain', 'ksvc.spec'), /What is served\./);
    // The namespace takes the rest along, perhaps before kubectl comes to it.
    await kubectl('delete', `--filename=${file}`, '--wait=false', '--ignore-not-found');
  },
);

await check('explain and apply: schemas for validation, created, unchanged, and refused when unknown', async () => {
  assert.match(await kubectl('explain', 'node.spec.taints'), /taints/i);
  const apply = (text: string) => runClient('kubectl', ['apply', '--filename=-'], text);
  const created = await apply(BLOCKED_DEPLOYMENT);
  assert.deepEqual(
    [created.code, created.stdout],
    [0, 'deployment.apps/blocked created\npoddisruptionbudget.policy/blocked created\n'],
    created.stderr,
  );
  const again = await apply(BLOCKED_DEPLOYMENT);
  assert.equal(again.stdout, 'deployment.apps/blocked unchanged\npoddisruptionbudget.policy/blocked unchanged\n');
  const wrong = await apply(BLOCKED_DEPLOYMENT.replace('replicas: 1', 'replica: 1'));
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /unknown field "spec\.replica"/);
  await kubectl('rollout', 'status', 'deployment/blocked', '--namespace=shop', '--timeout=30s');
});

const blockingPod = (await json('get', 'pods', '--namespace=shop', '--selector=app=blocked')).items[0];
const drained = blockingPod.spec.nodeName as string;

await check(
  'cordon: SchedulingDisabled, told once and then already so, with the taint of an unschedulable node',
  async () => {
    assert.equal(await kubectl('cordon', drained), `node/${drained} cordoned\n`);
    assert.equal(await kubectl('cordon', drained), `node/${drained} already cordoned\n`);
    assert.match(await kubectl('get', 'node', drained), /Ready,SchedulingDisabled/);
    const { spec } = await json('get', 'node', drained);
    assert.equal(spec.unschedulable, true);
    assert.deepEqual(
      spec.taints.map(({ key }: { key: string }) => key),
      ['node.kubernetes.io/unschedulable'],
    );
  },
);

await check('drain: without --ignore-daemonsets it names the pods and evicts nobody', async () => {
  const { code, stderr } = await runClient('kubectl', ['drain', drained]);
  assert.equal(code, 1);
  assert.match(stderr, /cannot delete DaemonSet-managed Pods.*kube-system\/aws-node-/);
  const still = await json('get', 'pod', blockingPod.metadata.name, '--namespace=shop');
  assert.equal(still.metadata.deletionTimestamp, undefined);
});

await check(
  'drain: a budget holds it, with the words of the API server, and it ends once the budget gives way',
  async () => {
    const drain = startClient('kubectl', [
      'drain',
      drained,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=90s',
    ]);
    await drain.until(
      /error when evicting pods?\/?"blocked-.* -n "shop" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
      30,
    );
    const { items } = await json('get', 'pods', '--namespace=shop', `--field-selector=spec.nodeName=${drained}`);
    assert.ok(
      items.some(({ metadata }: NodeFacts) => metadata.name === blockingPod.metadata.name),
      'the blocked pod stays',
    );
    assert.equal(
      await kubectl('scale', 'deployment/blocked', '--namespace=shop', '--replicas=2'),
      'deployment.apps/blocked scaled\n',
    );
    const { code, stdout, stderr } = await drain.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`pod/${blockingPod.metadata.name} evicted`));
    assert.match(stdout, new RegExp(`node/${drained} drained\\n$`));
    const left = (await json('get', 'pods', '--all-namespaces', `--field-selector=spec.nodeName=${drained}`)).items;
    const owners = left.map(
      (pod: { metadata: { ownerReferences: { kind: string }[] } }) => pod.metadata.ownerReferences[0]?.kind,
    );
    assert.deepEqual(owners, ['DaemonSet']);
  },
);

await check('uncordon: schedulable again, told once and then already so', async () => {
  assert.equal(await kubectl('uncordon', drained), `node/${drained} uncordoned\n`);
  assert.equal(await kubectl('uncordon', drained), `node/${drained} already uncordoned\n`);
  const { spec } = await json('get', 'node', drained);
  assert.deepEqual([spec.unschedulable, spec.taints], [undefined, undefined]);
});

await check('taint, label and annotate: set and taken back', async () => {
  const taint = (change: string) => kubectl('taint', 'node', drained, change);
  assert.equal(await taint('rehearsal=yes:PreferNoSchedule'), `node/${drained} tainted\n`);
  assert.match(await kubectl('describe', 'node', drained), /^Taints: +rehearsal=yes:PreferNoSchedule$/m);
  assert.equal(await taint('rehearsal-'), `node/${drained} untainted\n`);
  assert.equal(await kubectl('label', 'node', drained, 'rehearsal=yes'), `node/${drained} labeled\n`);
  assert.equal(await kubectl('get', 'nodes', '--selector=rehearsal', '--output=name'), `node/${drained}\n`);
  assert.equal(await kubectl('label', 'node', drained, 'rehearsal-'), `node/${drained} unlabeled\n`);
});

await check('delete: a deployment takes its pods along, and wait sees them go', async () => {
  const deleted = await kubectl('delete', 'deployment/blocked', 'pdb/blocked', '--namespace=shop');
  assert.equal(
    deleted.replaceAll(' from shop namespace', ''),
    'deployment.apps "blocked" deleted\npoddisruptionbudget.policy "blocked" deleted\n',
  );
  await kubectl('wait', '--for=delete', 'pod', '--selector=app=blocked', '--namespace=shop', '--timeout=30s');
});

// ---------------------------------------------------------------------------------------------------------------------

const upgrade = async (...argv: string[]) =>
  JSON.parse(await succeed('aws', ['stepfunctions', ...argv, '--output=json']));

await check('get nodes --watch: an upgrade as it happens, from the first new node to the last old one', async () => {
  const watch = startClient('kubectl', ['get', 'nodes', '--watch', '--output-watch-events', '--output=wide']);
  try {
    await watch.until(/(ADDED.*\n){6}/, 20);
    const { executionArn } = await upgrade(
      'start-execution',
      `--state-machine-arn=${process.env.EKS_NODEGROUP_UPGRADE_STATE_MACHINE}`,
      '--input={"clusterName": "shop", "autoScalingGroupName": "shop-workers", "updateConfig": {"maxUnavailable": 3}}',
    );
    let status = 'RUNNING';
    while (status === 'RUNNING') {
      await sleep(2_000);
      ({ status } = await upgrade('describe-execution', `--execution-arn=${executionArn}`));
    }
    assert.equal(status, 'SUCCEEDED');
    // The last node's departure may still be on its way.
    await watch.until(/(DELETED.*){6}/s, 20);
  } finally {
    await watch.stop();
  }
  const { stdout, stderr } = await watch.ended;
  assert.equal(stderr, '');
  const events = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [type, name, status] = line.split(/\s+/);
      return { type, name: name as string, status, line };
    });
  const first = (predicate: (event: (typeof events)[number]) => boolean) => events.findIndex(predicate);
  const isNew = ({ name }: { name: string }) => !oldNames.has(name);
  for (const name of oldNames) {
    const cordonedAt = first((event) => event.name === name && event.status === 'Ready,SchedulingDisabled');
    const deletedAt = first((event) => event.name === name && event.type === 'DELETED');
    assert.ok(cordonedAt > 0 && deletedAt > cordonedAt, `${name}: cordoned at ${cordonedAt}, deleted at ${deletedAt}`);
    const replacedBy = first((event) => isNew(event) && event.status === 'Ready');
    assert.ok(replacedBy > 0 && replacedBy < cordonedAt, `${name} is cordoned after the first new node is Ready`);
  }
  const added = events.filter((event) => event.type === 'ADDED' && isNew(event));
  assert.ok(added.length >= before.length, `${added.length} new nodes`);
  for (const { line } of events.filter((event) => isNew(event))) assert.match(line, NEW_IMAGE);
});

await check('get nodes, afterwards: as many as before, all new, Ready and free of taints', async () => {
  const after = await nodesNow();
  assert.equal(after.length, before.length);
  for (const { metadata, spec } of after) {
    assert.ok(!oldNames.has(metadata.name), metadata.name);
    assert.deepEqual([spec.unschedulable, spec.taints], [undefined, undefined], metadata.name);
  }
  const [, ...rows] = rowsOf(await kubectl('get', 'nodes', '--output=wide'));
  for (const row of rows) assert.match(row.join('  '), NEW_IMAGE);
  const zones = (nodes: readonly NodeFacts[]) =>
    nodes.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone']).sort();
  assert.deepEqual(zones(after), zones(before));
});

await check('get events: what the upgrade told about the nodes', async () => {
  const { items } = await json('get', 'events', '--all-namespaces', '--field-selector=involvedObject.kind=Node');
  const told = new Set(items.map(({ involvedObject }: { involvedObject: { name: string } }) => involvedObject.name));
  for (const name of oldNames) assert.ok(told.has(name), `no Event of ${name}`);
});
