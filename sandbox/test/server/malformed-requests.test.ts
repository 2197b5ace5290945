import assert from 'node:assert/strict';
import sinon from 'sinon';
import { createRandom } from '../../world/random.ts';
import { randomAwsRequest, randomKubernetesRequest } from './random-requests.ts';
import { abandon, bytesOf, type RawAnswer, type RawRequest, sendBytes, sendRaw } from './raw-request.ts';
import { AS_ADMIN, type ServedWorld, serveWorld, signedFor } from './served-world.ts';

const MIB = 1024 * 1024;
const NODES = '/api/v1/nodes';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const DESCRIBE_GROUPS = 'Action=DescribeAutoScalingGroups&Version=2011-01-01';

/** How each front end and protocol writes a refusal. */
const FORMS = {
  status: /\{"kind":"Status","apiVersion":"v1",.*"status":"Failure"/,
  restJson: /x-amzn-errortype: .*\{"message":/s,
  awsJson: /\{"__type":"/,
  query: /<ErrorResponse.*<Code>\w+<\/Code>/s,
  ec2: /<Response><Errors><Error><Code>[\w.]+<\/Code>/,
  text: /^HTTP/,
} as const;

type Case = readonly [what: string, request: RawRequest, status: number, form: keyof typeof FORMS];

const admin = (request: RawRequest): RawRequest => ({ ...request, headers: { ...AS_ADMIN, ...request.headers } });
const signed = (service: string, request: RawRequest): RawRequest => ({
  method: 'POST',
  ...request,
  headers: { ...signedFor(service), ...request.headers },
});
const states = (target: string, body: string): RawRequest =>
  signed('states', { headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }, body });
const create = (type: string, body: string | Buffer): RawRequest =>
  admin({ method: 'POST', target: CONFIG_MAPS, headers: { 'content-type': type }, body });
const tokens = (token: string): RawRequest => ({ target: NODES, headers: { authorization: `Bearer ${token}` } });

const KUBERNETES: readonly Case[] = [
  ['a path that cannot be decoded', { target: '/%zz' }, 400, 'status'],
  ['such a path of an administrator', admin({ target: `${NODES}/%e0%a4%a` }), 400, 'status'],
  ['an overlong UTF-8 sequence in a path', admin({ target: `${NODES}/%c0%af` }), 400, 'status'],
  ['no token', { target: NODES }, 401, 'status'],
  ['a token with other than ASCII characters', tokens('sandbox-admi\u00f1'), 401, 'status'],
  ['a token of bytes that are no text', tokens('\u00ff\u00fe\u0080'), 401, 'status'],
  ['an EKS token of nothing', tokens('k8s-aws-v1.'), 401, 'status'],
  ['an EKS token with a host that is none', tokens(`k8s-aws-v1.${btoa('https://[::/?Action=x')}`), 401, 'status'],
  ['a method that no resource has', admin({ method: 'PROPFIND', target: NODES }), 405, 'status'],
  ['another such method on an object', admin({ method: 'TRACE', target: `${NODES}/x` }), 405, 'status'],
  [
    'a verb that a review does not have',
    admin({ target: '/apis/authorization.k8s.io/v1/subjectaccessreviews' }),
    405,
    'status',
  ],
  ['a path that is not there', admin({ target: '/apis/__proto__/v1/constructor' }), 404, 'text'],
  ['half a JSON document', create('application/json', '{"metadata":'), 400, 'status'],
  ['JSON that is no object', create('application/json', '[1]'), 400, 'status'],
  ['JSON nested without end', create('application/json', '{"a":'.repeat(200_000)), 400, 'status'],
  [
    'an object nested without end',
    create('application/json', `{"metadata":{"name":"x"},"data":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_001)}`),
    400,
    'status',
  ],
  [
    'YAML with references without end',
    create(
      'application/yaml',
      `a: &a [x]\n${[...'bcdefghijkl'].map((name, index) => `${name}: &${name} [${`*${String.fromCharCode(97 + index)},`.repeat(9)}]`).join('\n')}`,
    ),
    400,
    'status',
  ],
  ['a media type that nobody reads', create('text/plain', 'hello'), 415, 'status'],
  ['protobuf without its first bytes', create('application/vnd.kubernetes.protobuf', 'hello'), 400, 'status'],
  [
    'protobuf that is cut',
    create('application/vnd.kubernetes.protobuf', Buffer.from([0x6b, 0x38, 0x73, 0, 0x0a, 0x7f, 1])),
    400,
    'status',
  ],
  [
    'protobuf of a kind that is none',
    create('application/vnd.kubernetes.protobuf', Buffer.from('k8s\0\x0a\x11\x0a\x02v1\x12\x0bconstructor', 'latin1')),
    415,
    'status',
  ],
  [
    'a number of bytes that a varint cannot have',
    create('application/vnd.kubernetes.protobuf', Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(400, 0xff)])),
    400,
    'status',
  ],
  [
    'a patch of no type',
    admin({ method: 'PATCH', target: `${NODES}/x`, headers: { 'content-type': 'text/plain' }, body: '{}' }),
    415,
    'status',
  ],
  ['a body of more than 3 MiB', create('application/json', ' '.repeat(3 * MIB + 1)), 413, 'status'],
  ['a body far longer than that', create('application/json', ' '.repeat(9 * MIB)), 413, 'status'],
  [
    'a watch whose time limit is no number',
    admin({ target: `${NODES}?watch=true&timeoutSeconds=soon` }),
    400,
    'status',
  ],
  ['a limit that is no number', admin({ target: `${NODES}?limit=all` }), 400, 'status'],
  ['a continue token of garbage', admin({ target: `${NODES}?continue=%ff%00` }), 400, 'status'],
  ['a selector of garbage', admin({ target: `${NODES}?labelSelector=${'!'.repeat(500)}` }), 400, 'status'],
  [
    'a field named like a method of objects',
    admin({ target: `${NODES}?fieldSelector=constructor%3Dx` }),
    400,
    'status',
  ],
  ['an answer in a form that is none', admin({ target: NODES, headers: { accept: ';;;,text/csv' } }), 406, 'status'],
  ['an asterisk in place of a path', admin({ method: 'OPTIONS', target: '*' }), 404, 'text'],
  ['CONNECT', admin({ method: 'CONNECT', target: '127.0.0.1:443' }), 404, 'text'],
];

const AWS: readonly Case[] = [
  ['a path that cannot be decoded', signed('eks', { method: 'GET', target: '/clusters/%zz' }), 400, 'restJson'],
  ['such a path without a signature', { target: '/%zz' }, 403, 'query'],
  ['a path of no service', signed('eks', { method: 'GET', target: '/x' }), 404, 'restJson'],
  ['a method that no action has', signed('eks', { method: 'PATCH', target: '/clusters' }), 404, 'restJson'],
  [
    'half a JSON document for EKS',
    signed('eks', { target: '/clusters/shop/node-groups', headers: JSON_TYPE, body: '{' }),
    400,
    'restJson',
  ],
  ['half a JSON document', states('AWSStepFunctions.ListStateMachines', '{"a":'), 400, 'awsJson'],
  ['JSON that is no object', states('AWSStepFunctions.ListStateMachines', '"x"'), 400, 'awsJson'],
  ['a target named like a method of objects', states('AWSStepFunctions.constructor', '{}'), 400, 'awsJson'],
  ['a target without an action', states('AWSStepFunctions', '{}'), 400, 'awsJson'],
  [
    'XML for a form',
    signed('autoscaling', { headers: { 'content-type': 'text/xml' }, body: '<a><b></a>' }),
    400,
    'query',
  ],
  ['no form', signed('autoscaling', { headers: FORM }), 400, 'query'],
  [
    'an action named like a method of objects',
    signed('autoscaling', { headers: FORM, body: 'Action=__proto__&Version=2011-01-01' }),
    400,
    'query',
  ],
  [
    'a list with members that nobody can count',
    signed('autoscaling', { headers: FORM, body: `${DESCRIBE_GROUPS}&AutoScalingGroupNames.member.1.2.3=x` }),
    400,
    'query',
  ],
  [
    'a key with a thousand dots',
    signed('ec2', { headers: FORM, body: `Action=DescribeInstances&Version=2016-11-15&${'a.'.repeat(1000)}=1` }),
    400,
    'ec2',
  ],
  ['an unknown version', signed('ec2', { headers: FORM, body: 'Action=DescribeInstances&Version=1' }), 400, 'ec2'],
  ['a signature that is none', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=/////' } }, 403, 'query'],
  [
    'a service that is not there',
    signed('__proto__', { headers: FORM, body: DESCRIBE_GROUPS.replace('Describe', 'X') }),
    404,
    'query',
  ],
  [
    'a body of more than 1 MiB for EKS',
    signed('eks', { target: '/clusters/shop/node-groups', headers: JSON_TYPE, body: ' '.repeat(MIB + 1) }),
    413,
    'restJson',
  ],
  [
    'a body of more than 1 MiB for Step Functions',
    states('AWSStepFunctions.ListStateMachines', ' '.repeat(MIB + 1)),
    413,
    'awsJson',
  ],
  [
    'a form of more than 1 MiB',
    signed('autoscaling', { headers: FORM, body: `${DESCRIBE_GROUPS}&a=${'x'.repeat(MIB)}` }),
    413,
    'query',
  ],
  ['a form of more than 1 MiB for EC2', signed('ec2', { headers: FORM, body: 'x'.repeat(5 * MIB) }), 413, 'ec2'],
  ['CONNECT', signed('eks', { method: 'CONNECT', target: '127.0.0.1:443' }), 404, 'restJson'],
];

/** What is no HTTP is not for any service, and is refused by the server itself. */
const NO_HTTP: readonly (readonly [what: string, bytes: string])[] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ['a length that is none', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
  ['a header that does not end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(40_000)}\r\n\r\n`],
  ['a chunk of no size', 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['no host', 'GET /version HTTP/1.1\r\n\r\n'],
];

/** A served sandbox that is asked what it cannot answer. */
describe('#45 a served sandbox under malformed requests', function () {
  this.timeout(120_000);
  let world: ServedWorld;
  let said: sinon.SinonStub;

  before(async () => {
    world = await serveWorld();
  });
  after(() => world.close());
  beforeEach(() => {
    said = sinon.stub(console, 'error');
  });
  afterEach(async () => {
    const faults = said.args.map(String);
    said.restore();
    assert.deepEqual(faults, [], 'it says nothing of its own failures, because it has none');
    await assertAnswers();
  });

  async function assertAnswers(): Promise<void> {
    assert.equal((await sendRaw(world.kubernetesPort, admin({ target: NODES }))).status, 200);
    const groups = signed('autoscaling', { headers: FORM, body: DESCRIBE_GROUPS });
    assert.equal((await sendRaw(world.awsPort, groups)).status, 200);
  }

  const assertRefused = ({ status, text }: RawAnswer, expected: number, form: keyof typeof FORMS) => {
    assert.equal(status, expected, text.slice(0, 500));
    assert.match(text.slice(0, 2000), FORMS[form]);
  };

  describe('for Kubernetes', () => {
    for (const [what, request, status, form] of KUBERNETES)
      it(`answers ${status} to ${what}`, async () =>
        assertRefused(await sendRaw(world.kubernetesPort, request), status, form));

    it('escapes what a warning cannot hold', async () => {
      const { status, text } = await sendRaw(world.kubernetesPort, {
        ...create('application/json', JSON.stringify({ metadata: { name: 'odd' }, 'caf\u00e9\n"': 1 })),
        target: `${CONFIG_MAPS}?fieldValidation=Warn`,
      });
      assert.equal(status, 201);
      assert.match(text, /warning: 299 - "unknown field \\"caf\\u00e9\\u000a/);
    });

    it('serves a request that asks for another protocol as if it did not ask', async () => {
      const headers = { connection: 'Upgrade, close', upgrade: 'SPDY/3.1' };
      const { status } = await sendRaw(world.kubernetesPort, admin({ target: '/version', headers: { ...headers } }));
      assert.equal(status, 200);
    });
  });

  describe('for AWS', () => {
    for (const [what, request, status, form] of AWS)
      it(`answers ${status} to ${what}`, async () =>
        assertRefused(await sendRaw(world.awsPort, request), status, form));
  });

  for (const [what, text] of NO_HTTP)
    it(`refuses ${what}`, async () => {
      for (const port of [world.awsPort, world.kubernetesPort]) {
        const { status } = await sendBytes(port, Buffer.from(text, 'latin1'));
        assert.ok([0, 400, 431].includes(status), `${status}`);
      }
    });

  it('survives uploads whose client goes away', async () => {
    const whole = bytesOf(create('application/json', ' '.repeat(100_000)));
    for (const port of [world.awsPort, world.kubernetesPort])
      await Promise.all([150, 1000, 99_000].map((length) => abandon(port, whole.subarray(0, length))));
  });

  it('answers some hundred random requests, none of them with a server error', async () => {
    const random = createRandom(45).fork('malformed requests');
    for (let round = 0; round < 40; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const isAws = index % 2 === 0;
          const request = isAws ? randomAwsRequest(random) : randomKubernetesRequest(random);
          const answer = await sendRaw(isAws ? world.awsPort : world.kubernetesPort, request);
          return { request, answer };
        }),
      );
      for (const { request, answer } of answers)
        assert.ok(
          answer.status >= 200 && answer.status < 500,
          `${JSON.stringify(request)}: ${answer.text.slice(0, 500)}`,
        );
    }
  });
});
