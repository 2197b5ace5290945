import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { CALLS, GRANTS } from '../iam/roles.cjs';
import { functionFiles, functionKeyOf } from './support/function-files.ts';
import { callsOf } from './support/step-calls.ts';

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
  findLease: 'kube-system coordination.k8s.io/leases get',
  createLease: 'kube-system coordination.k8s.io/leases create',
  replaceLease: 'kube-system coordination.k8s.io/leases update',
  deleteLease: 'kube-system coordination.k8s.io/leases delete',
  recordNodeEvent: 'default events create',
};
/** Every authenticated user may ask these: system:basic-user and system:public-info-viewer. */
const FREE = ['may', 'serverVersion'];

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

const granted = (...files: string[]): string[] =>
  manifests(...files).flatMap(({ metadata, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => `${metadata.namespace ?? '*'} ${group === '' ? '' : `${group}/`}${resource} ${verb}`),
        ),
      ),
    ),
  );

describe('the AWS permissions of a function', () => {
  const grants = GRANTS({});

  for (const file of functionFiles()) {
    it(`${file}: are those of the calls it makes, no more and no less`, () => {
      // Which verbs of the Kubernetes API it may use is the business of kubernetes/rbac.yaml.
      const calls = callsOf(file).filter((call) => !call.startsWith('cluster.'));
      const key = functionKeyOf(file);
      assert.deepEqual([...(CALLS[key] ?? [])].sort(), calls, `correct CALLS.${key} in iam/roles.cjs`);
    });
  }

  it('are known for every call', () => {
    const calls = new Set(Object.values(CALLS).flat());
    const unknown = [...calls].filter((call) => !(call in grants));
    assert.deepEqual(unknown, [], 'add the call to GRANTS in iam/roles.cjs');
    const unused = Object.keys(grants).filter((call) => !calls.has(call));
    assert.deepEqual(unused, [], 'no function makes this call: remove it from GRANTS in iam/roles.cjs');
  });
});

describe('the AWS calls of the clients', () => {
  /** Checked by AWS when it acts on a call's behalf; nobody calls them. */
  const IMPLIED = ['ec2:CreateTags', 'ec2:RunInstances', 'iam:PassRole', 'ssm:GetParameters'];
  /** Ports that no function uses yet. */
  const UNUSED = [
    'autoscaling:DescribeAutoScalingInstances',
    'states:ListExecutions',
    'states:StartExecution',
    'states:StopExecution',
  ];
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
      [...new Set(called)].filter((action) => !UNUSED.includes(action)).sort(),
      'correct GRANTS in iam/roles.cjs; what is used now is not UNUSED',
    );
  });
});

describe('the rights in the cluster', () => {
  const used = new Set(
    functionFiles().flatMap((file) =>
      callsOf(file).flatMap((call) => (call.startsWith('cluster.') ? [call.slice('cluster.'.length)] : [])),
    ),
  );

  it('are those of the requests the functions make, no more and no less', () => {
    const unmapped = [...used].filter((method) => !(method in REQUESTS) && !FREE.includes(method));
    assert.deepEqual(unmapped, [], 'say in REQUESTS what this method asks of the Kubernetes API');
    const needed = new Set([...used].flatMap((method) => REQUESTS[method] ?? []));
    assert.deepEqual(
      granted('rbac.yaml', 'rbac-force.yaml').sort(),
      [...needed].sort(),
      'correct kubernetes/rbac.yaml: one rule per request, and none that no function needs',
    );
  });

  it('include deleting pods only where force is wanted', () => {
    assert.deepEqual(granted('rbac-force.yaml'), [REQUESTS.deletePod]);
    assert.ok(!granted('rbac.yaml').includes(REQUESTS.deletePod as string));
  });

  it('go to the group of the access entries, by bindings that name existing roles', () => {
    const all = manifests('rbac.yaml', 'rbac-force.yaml');
    const bindings = all.filter(({ roleRef }) => roleRef !== undefined);
    assert.equal(bindings.length, all.length / 2);
    for (const { metadata, subjects, roleRef } of bindings) {
      assert.deepEqual(
        subjects?.map(({ kind, name }) => `${kind} ${name}`),
        ['Group eks-nodegroup-upgrade'],
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

  it('use no wildcard', () => {
    for (const line of granted('rbac.yaml', 'rbac-force.yaml')) assert.doesNotMatch(line.slice(1), /\*/, line);
  });
});
