import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { LEASE_NAMESPACE } from '../domain/admission/record.ts';
import { KUBERNETES_GROUPS as GROUPS_OF_THE_PLAN } from '../domain/plan/rights.ts';
import { CALLS, GRANTS, KUBERNETES_GROUPS } from '../iam/roles.cjs';
import { functionFiles } from '../tooling/function-files.ts';
import { callsOf } from './support/step-calls.ts';

const files = functionFiles();
/** Calls of a function, by its key. */
const calls = new Map(files.map(({ key, path }) => [key, callsOf(relative('functions', path))]));

/** What each method of the Cluster port asks of the Kubernetes API, as `namespace group/resource verb`; `*` is everywhere. */
const REQUESTS: Readonly<Record<string, string>> = {
  listNodes: '* nodes list',
  listNodesToWatch: '* nodes list',
  watchNodes: '* nodes watch',
  findNode: '* nodes get',
  patchNode: '* nodes patch',
  listPodsOnNode: '* pods list',
  listPods: '* pods list',
  podsVersion: '* pods list',
  waitForPodsGone: '* pods watch',
  watchDepartures: '* pods watch',
  evict: '* pods/eviction create',
  deletePod: '* pods delete',
  listBudgets: '* policy/poddisruptionbudgets list',
  listVolumeAttachments: '* storage.k8s.io/volumeattachments list',
  findClaimOfVolume: '* persistentvolumes get',
  listDaemonSets: '* apps/daemonsets list',
  findLease: 'eks-nodegroup-upgrade coordination.k8s.io/leases get',
  createLease: 'eks-nodegroup-upgrade coordination.k8s.io/leases create',
  replaceLease: 'eks-nodegroup-upgrade coordination.k8s.io/leases update',
  deleteLease: 'eks-nodegroup-upgrade coordination.k8s.io/leases delete',
  recordNodeEvent: 'default events create',
  may: '* authorization.k8s.io/subjectaccessreviews create',
};
/** Every authenticated user may ask this: system:public-info-viewer. */
const FREE = ['serverVersion'];
/** What is only done where somebody has granted the right, and that file grants it. */
const OPTIONAL = { tryEviction: 'rbac-dry-run.yaml' };
/** Of people, who steer runs with kubectl or the CLI: no function is in it. */
const OPERATORS = 'eks-nodegroup-upgrade-operators';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
}

const manifests = (...files: string[]): Manifest[] =>
  files.flatMap((file) =>
    parseAllDocuments(readFileSync(`kubernetes/${file}`, 'utf8')).map((document) => document.toJS()),
  );

/** What manifests grant to a group. */
function granted(group: string, ...files: string[]): string[] {
  const all = manifests(...files);
  const bindings = all.filter(({ subjects = [] }) => subjects.some(({ name }) => name === group));
  return bindings.flatMap(({ roleRef, metadata: { namespace = '*' } }) =>
    all
      .filter(
        ({ kind, metadata }) =>
          kind === roleRef?.kind && metadata.name === roleRef.name && (metadata.namespace ?? '*') === namespace,
      )
      .flatMap(({ rules = [] }) => rules)
      .flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((apiGroup) =>
          resources.flatMap((resource) =>
            verbs.map((verb) => `${namespace} ${apiGroup === '' ? '' : `${apiGroup}/`}${resource} ${verb}`),
          ),
        ),
      ),
  );
}

describe('the AWS permissions of a function', () => {
  const grants = GRANTS({});

  for (const { key, path } of files) {
    it(`${path}: are those of the calls it makes, no more and no less`, () => {
      // Which verbs of the Kubernetes API it may use is the business of kubernetes/rbac.yaml.
      const made = calls.get(key)?.filter((call) => !call.startsWith('cluster.'));
      assert.deepEqual([...(CALLS[key] ?? [])].sort(), made, `correct CALLS.${key} in iam/roles.cjs`);
    });
  }

  it('to node executions come with the ARN of their state machine', () => {
    const { functions } = parse(readFileSync('serverless.yml', 'utf8')) as {
      functions: Readonly<Record<string, { environment?: string }>>;
    };
    assert.deepEqual(
      Object.keys(functions).filter((key) => functions[key]?.environment === '${self:custom.nodeExecutions}'),
      Object.keys(functions).filter((key) => CALLS[key]?.some((call) => call.startsWith('nodeExecutions.'))),
      'give `environment` in serverless.yml to the functions that call nodeExecutions',
    );
  });

  it('are known for every call', () => {
    const named = new Set(Object.values(CALLS).flat());
    const unknown = [...named].filter((call) => !(call in grants));
    assert.deepEqual(unknown, [], 'add the call to GRANTS in iam/roles.cjs');
    const unused = Object.keys(grants).filter((call) => !named.has(call));
    assert.deepEqual(unused, [], 'no function makes this call: remove it from GRANTS in iam/roles.cjs');
  });
});

describe('the AWS calls of the clients', () => {
  /** Checked by AWS when it acts on a call's behalf; nobody calls them. */
  const IMPLIED = ['ec2:CreateTags', 'ec2:RunInstances', 'iam:PassRole', 'ssm:GetParameters'];
  const clients = readdirSync('clients/aws');
  const called = clients.flatMap((file) =>
    [...readFileSync(`clients/aws/${file}`, 'utf8').matchAll(/callAws(?:ForPages)?\(\s*'([^']+)'/g)].map(
      ([, action]) => action as string,
    ),
  );

  it('are those that the roles grant, no more and no less', () => {
    const granted = Object.values(GRANTS({})).flatMap((statements) => statements.flatMap(({ Action }) => Action));
    assert.deepEqual(
      [...new Set(granted)].filter((action) => !IMPLIED.includes(action)).sort(),
      [...new Set(called)].sort(),
      'correct GRANTS in iam/roles.cjs',
    );
  });
});

describe('the rights in the cluster', () => {
  const MANIFESTS = ['rbac.yaml', 'rbac-force.yaml'];
  const methodsOf = (key: string) =>
    (calls.get(key) ?? []).flatMap((call) => (call.startsWith('cluster.') ? [call.slice('cluster.'.length)] : []));

  it('are those of a group for every function that reaches a cluster, and of one group only', () => {
    assert.deepEqual(
      Object.values(KUBERNETES_GROUPS).flat().sort(),
      [...calls].flatMap(([key, made]) => (made.includes('cluster') ? [key] : [])).sort(),
      'correct KUBERNETES_GROUPS in iam/roles.cjs',
    );
    assert.deepEqual(Object.keys(KUBERNETES_GROUPS).sort(), Object.values(GROUPS_OF_THE_PLAN).sort());
  });

  for (const [group, keys] of Object.entries(KUBERNETES_GROUPS)) {
    it(`of ${group} are those of the requests its functions make, no more and no less`, () => {
      const used = [...new Set(keys.flatMap(methodsOf))];
      const unmapped = used.filter(
        (method) => !(method in REQUESTS) && !(method in OPTIONAL) && !FREE.includes(method),
      );
      assert.deepEqual(unmapped, [], 'say in REQUESTS what this method asks of the Kubernetes API');
      const needed = new Set(used.flatMap((method) => REQUESTS[method] ?? []));
      assert.deepEqual(
        granted(group, ...MANIFESTS).sort(),
        [...needed].sort(),
        'correct kubernetes/rbac.yaml: one rule per request, and none that no function needs',
      );
    });
  }

  it('to try evictions are granted to readers by a file of its own', () =>
    assert.deepEqual(granted(GROUPS_OF_THE_PLAN.readers, OPTIONAL.tryEviction), [REQUESTS.evict]));

  it('let operators give orders in the record, and nothing else', () =>
    assert.deepEqual(granted(OPERATORS, ...MANIFESTS), [
      'eks-nodegroup-upgrade coordination.k8s.io/leases get',
      'eks-nodegroup-upgrade coordination.k8s.io/leases patch',
    ]));

  it('let only those that drain evict pods, and delete them only where force is wanted', () => {
    const { drain, ...others } = GROUPS_OF_THE_PLAN;
    assert.deepEqual(
      granted(drain, 'rbac.yaml').filter((right) => / pods\/eviction | delete$/.test(right)),
      [REQUESTS.evict],
    );
    assert.ok(!granted(drain, 'rbac.yaml').includes(REQUESTS.deletePod as string));
    assert.deepEqual(
      Object.values(others).flatMap((group) =>
        granted(group, ...MANIFESTS).filter((right) => right === REQUESTS.evict || right === REQUESTS.deletePod),
      ),
      [],
    );
  });

  it('go to known groups only, by bindings that name existing roles', () => {
    const all = manifests(...MANIFESTS);
    const known = [...Object.keys(KUBERNETES_GROUPS), OPERATORS];
    const bindings = all.filter(({ roleRef }) => roleRef !== undefined);
    assert.equal(bindings.length, all.filter(({ rules }) => rules !== undefined).length);
    for (const { metadata, subjects = [], roleRef } of bindings) {
      assert.ok(
        subjects.every(({ kind, name }) => kind === 'Group' && known.includes(name)),
        metadata.name,
      );
      const role = all.find(
        (manifest) =>
          manifest.kind === roleRef?.kind &&
          manifest.metadata.name === roleRef.name &&
          manifest.metadata.namespace === metadata.namespace,
      );
      assert.ok(role, `${metadata.name} binds ${roleRef?.kind} ${roleRef?.name}, which is not there`);
    }
  });

  it('concern Leases in a namespace of our own, which the manifest creates before it says so', () => {
    const all = manifests('rbac.yaml');
    assert.deepEqual([all[0]?.kind, all[0]?.metadata.name], ['Namespace', LEASE_NAMESPACE]);
    const withLeases = all.filter(({ rules = [] }) => rules.some(({ resources }) => resources.includes('leases')));
    assert.ok(withLeases.length > 0);
    for (const { kind, metadata } of withLeases)
      assert.deepEqual([kind, metadata.namespace], ['Role', LEASE_NAMESPACE]);
  });

  it('use no wildcard', () => {
    for (const group of [...Object.keys(KUBERNETES_GROUPS), OPERATORS])
      for (const line of granted(group, ...MANIFESTS)) assert.doesNotMatch(line.slice(1), /\*/, line);
  });
});
