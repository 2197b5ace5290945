import assert from 'node:assert/strict';
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { createAuthenticator } from '../../kubernetes/authenticator.ts';
import { createAuthorizer, rulesOfGroup } from '../../kubernetes/authorizer.ts';
import { NODE_MANAGER, nodeManagerRules } from '../../kubernetes/node-manager.ts';

const NOW = Date.parse('2026-01-04T03:00:00Z');
const ROLE = 'arn:aws:sts::111122223333:assumed-role/eks-nodegroup-upgrade/workflow';
const GROUP = 'eks-nodegroup-upgrade';

interface Signing {
  readonly clusterName?: string;
  readonly hostname?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly at?: number;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly expiresIn?: number;
  readonly path?: string;
}

/** A token as aws-iam-authenticator, the AWS CLI and our client make it. */
async function token({
  clusterName = 'demo',
  hostname = 'sts.eu-west-1.amazonaws.com',
  accessKeyId = 'ASIAWORKFLOW',
  secretAccessKey = 'secret',
  at = NOW,
  query = {},
  headers,
  expiresIn = 60,
  path = '/',
}: Signing = {}): Promise<string> {
  const credentials = { accessKeyId, secretAccessKey, sessionToken: 'session/with+signs=' };
  const signer = new SignatureV4({ service: 'sts', region: 'eu-west-1', sha256: Sha256, credentials });
  const signed = await signer.presign(
    new HttpRequest({
      method: 'GET',
      protocol: 'https:',
      hostname,
      path,
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15', ...query },
      headers: headers ?? { host: hostname, 'x-k8s-aws-id': clusterName },
    }),
    { expiresIn, signingDate: new Date(at) },
  );
  const text = Object.entries(signed.query ?? {}).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`,
  );
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}${path}?${text.join('&')}`).toString('base64url')}`;
}

const authenticator = (wallNow?: number) =>
  createAuthenticator({
    clusterName: 'demo',
    region: 'eu-west-1',
    adminToken: 'admin-token',
    clock: { now: () => NOW },
    ...(wallNow === undefined ? {} : { wallClock: { now: () => wallNow } }),
    stsHosts: ['127.0.0.1:4566'],
    serviceTokens: new Map([['node-manager-token', NODE_MANAGER]]),
    identify: (accessKeyId) =>
      accessKeyId === 'ASIAWORKFLOW' ? { secretAccessKey: 'secret', username: ROLE, groups: [GROUP] } : undefined,
  });

const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
const minutes = (count: number) => count * 60_000;

describe('EKS token', () => {
  for (const [title, signing] of [
    ['signed for this cluster', {}],
    ['fourteen minutes old', { at: NOW - minutes(14) }],
    ["two minutes ahead of the server's clock", { at: NOW + minutes(2) }],
    ['presigned with the global STS host', { hostname: 'sts.amazonaws.com' }],
    ["presigned with the sandbox's own STS", { hostname: '127.0.0.1:4566' }],
    ['with the longest permitted expiry', { expiresIn: 900 }],
  ] as const)
    it(`is accepted when ${title}`, async () => {
      const user = authenticator()(bearer(await token(signing)));
      assert.deepEqual(user, { username: ROLE, groups: [GROUP, 'system:authenticated'] });
    });

  for (const [title, signing] of [
    ['signed for another cluster', { clusterName: 'other' }],
    ['signed with a wrong secret', { secretAccessKey: 'guess' }],
    ['of an unknown access key', { accessKeyId: 'ASIASTRANGER' }],
    ['older than fifteen minutes', { at: NOW - minutes(16) }],
    ['from far in the future', { at: NOW + minutes(10) }],
    ['presigned for a host that is not STS', { hostname: 'sts.evil.example' }],
    ['with a parameter that does not belong there', { query: { 'x-id': 'GetCallerIdentity' } }],
    ['for another action', { query: { Action: 'AssumeRole' } }],
    ['without the cluster among the signed headers', { headers: { host: 'sts.eu-west-1.amazonaws.com' } }],
    ['with an expiry beyond fifteen minutes', { expiresIn: 3600 }],
    ['for another path', { path: '/x' }],
  ] as const)
    it(`is refused when ${title}`, async () => {
      assert.equal(authenticator()(bearer(await token(signing))), undefined);
    });

  it('is also accepted by the time of day when the simulated clock has run ahead of it', async () => {
    const wallNow = NOW + minutes(600);
    assert.notEqual(authenticator(wallNow)(bearer(await token({ at: wallNow }))), undefined);
    assert.equal(authenticator()(bearer(await token({ at: wallNow }))), undefined);
  });

  for (const [title, headers] of [
    ['nothing', {}],
    ['another scheme', { authorization: 'Basic admin-token' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a token that decodes to nothing', bearer('k8s-aws-v1.AAAA')],
    ['a token of unseemly length', bearer(`k8s-aws-v1.${'A'.repeat(5000)}`)],
  ] as const)
    it(`is not mistaken for ${title}`, () =>
      assert.equal(authenticator()(headers as Record<string, string>), undefined));

  it('is not needed by EKS itself', () => {
    assert.deepEqual(authenticator()(bearer('node-manager-token')), NODE_MANAGER);
  });

  it('is not needed by the admin', () => {
    assert.deepEqual(authenticator()(bearer('admin-token'))?.groups, ['system:masters', 'system:authenticated']);
  });
});

const MANIFEST = `
kind: ClusterRole
metadata: { name: upgrade }
rules:
  - { apiGroups: [''], resources: [nodes], verbs: [get, list] }
  - { apiGroups: [''], resources: [pods/eviction], verbs: [create] }
---
kind: ClusterRoleBinding
metadata: { name: upgrade }
roleRef: { kind: ClusterRole, name: upgrade }
subjects: [{ kind: Group, name: ${GROUP} }]
---
kind: Role
metadata: { name: upgrade, namespace: kube-system }
rules:
  - { apiGroups: [coordination.k8s.io], resources: [leases], verbs: ['*'], resourceNames: [lock] }
---
kind: RoleBinding
metadata: { name: upgrade, namespace: kube-system }
roleRef: { kind: Role, name: upgrade }
subjects: [{ kind: Group, name: ${GROUP} }]
`;

describe('authorizer', () => {
  const rulesByGroup = { [GROUP]: rulesOfGroup(MANIFEST, GROUP) };
  const request = { group: '', subresource: '', namespace: undefined, name: undefined };
  const lease = {
    ...request,
    group: 'coordination.k8s.io',
    resource: 'leases',
    namespace: 'kube-system',
    name: 'lock',
  };
  const workflow = { username: ROLE, groups: [GROUP] };

  for (const [title, access, isAllowed] of [
    ['what a rule names', { ...request, verb: 'list', resource: 'nodes' }, true],
    ['a verb no rule names', { ...request, verb: 'patch', resource: 'nodes' }, false],
    ['a subresource a rule names', { ...request, verb: 'create', resource: 'pods', subresource: 'eviction' }, true],
    ['the resource when only its subresource is named', { ...request, verb: 'create', resource: 'pods' }, false],
    ['a resource of another group', { ...request, verb: 'list', resource: 'nodes', group: 'metrics.k8s.io' }, false],
    ['any verb for a wildcard', { ...lease, verb: 'update' }, true],
    ["a Role's rule in another namespace", { ...lease, verb: 'update', namespace: 'default' }, false],
    ['another object than resourceNames has', { ...lease, verb: 'update', name: 'other' }, false],
  ] as const)
    it(`${isAllowed ? 'allows' : 'refuses'} ${title}`, () => {
      assert.equal(createAuthorizer({ rulesByGroup })(workflow, access), isAllowed);
    });

  it('takes away what the scenario denies, from everybody but the admin', () => {
    const authorize = createAuthorizer({ rulesByGroup, deniedRules: [{ verb: 'create', resource: 'pods/eviction' }] });
    const access = { ...request, verb: 'create', resource: 'pods', subresource: 'eviction' };
    assert.equal(authorize(workflow, access), false);
    assert.equal(authorize({ username: 'admin', groups: ['system:masters'] }, access), true);
  });

  it('lets a user do what is given to it by name, also when the scenario denies that to groups', () => {
    const rulesByUser = { [NODE_MANAGER.username]: nodeManagerRules };
    const deniedRules = [{ verb: 'create', resource: 'pods/eviction' }];
    const authorize = createAuthorizer({ rulesByGroup, rulesByUser, deniedRules });
    const eviction = { ...request, verb: 'create', resource: 'pods', subresource: 'eviction' };
    assert.equal(authorize(NODE_MANAGER, eviction), true);
    assert.equal(authorize(NODE_MANAGER, { ...request, verb: 'delete', resource: 'nodes' }), false);
    assert.equal(createAuthorizer({ rulesByGroup })(NODE_MANAGER, eviction), false);
  });

  it('gives nothing to a group without a binding', () => {
    assert.deepEqual(rulesOfGroup(MANIFEST, 'others'), []);
  });
});
