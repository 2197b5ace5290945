import type { Random } from '../../world/random.ts';
import type { RawRequest } from './raw-request.ts';
import { AS_ADMIN, signedFor } from './served-world.ts';

const ODD_TEXTS = [
  '',
  '\u0000',
  '%00',
  '%zz',
  '%2e%2e',
  '__proto__',
  'constructor',
  'toString',
  'a'.repeat(5000),
  '<x>&amp;',
  '-1',
  '1e999',
  'NaN',
  'null',
  '[]',
  '{}',
  '9007199254740993',
  'caf\u00e9',
  '\u202e',
  'a.b.c',
  '*',
  '$.x',
  'kube-system',
  'shop',
  'workers',
];
const FIELDS = [
  'metadata',
  'spec',
  'status',
  'name',
  'labels',
  'taints',
  'items',
  'kind',
  'op',
  'path',
  'value',
  '$patch',
  '__proto__',
];
const RESOURCES = [
  'api/v1/nodes',
  'api/v1/pods',
  'api/v1/namespaces/default/pods',
  'api/v1/namespaces',
  'apis/apps/v1/namespaces/default/deployments',
  'apis/policy/v1/namespaces/default/poddisruptionbudgets',
  'apis/coordination.k8s.io/v1/namespaces/kube-system/leases',
  'apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  'apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  'apis',
  'openapi/v2',
  'openapi/v3',
];
const SUBRESOURCES = ['status', 'eviction', 'scale', 'log', 'binding', 'token'];
const PARAMETERS = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'dryRun',
  'fieldManager',
  'force',
  'propagationPolicy',
  'gracePeriodSeconds',
  'fieldValidation',
];
const MEDIA_TYPES = [
  'application/json',
  'application/yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
];
const ACCEPTED = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=constructor;g=meta.k8s.io',
  '*/*',
  ';;;',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'];
const SERVICES = ['autoscaling', 'ec2', 'eks', 'ssm', 'monitoring', 'states', 'sts', 'iam', '__proto__'];
const ACTIONS = [
  'DescribeAutoScalingGroups',
  'UpdateAutoScalingGroup',
  'TerminateInstanceInAutoScalingGroup',
  'CreateOrUpdateTags',
  'DescribeInstances',
  'CreateLaunchTemplateVersion',
  'DescribeImages',
  'DescribeAlarms',
  'GetCallerIdentity',
  '__proto__',
];
const VERSIONS = ['2011-01-01', '2016-11-15', '2010-08-01', '2011-06-15'];
const KEYS = [
  'AutoScalingGroupNames.member.1',
  'AutoScalingGroupName',
  'DesiredCapacity',
  'Tags.member.1.Key',
  'Filter.1.Name',
  'LaunchTemplateData.ImageId',
  'MaxResults',
  'NextToken',
  '__proto__.x',
  `a${'.1'.repeat(300)}`,
  'ScalingProcesses.member.999999999',
];
const TARGETS = [
  'AWSStepFunctions.StartExecution',
  'AWSStepFunctions.DescribeExecution',
  'AWSStepFunctions.GetExecutionHistory',
  'AWSStepFunctions.ListExecutions',
  'AWSStepFunctions.ValidateStateMachineDefinition',
  'AmazonSSM.GetParameter',
  'AWSStepFunctions.toString',
  '.',
];
const MEMBERS = [
  'executionArn',
  'stateMachineArn',
  'name',
  'input',
  'definition',
  'maxResults',
  'nextToken',
  'Name',
  '__proto__',
];

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.integer(items.length)] as Item;

const odd = (random: Random): string => pick(random, ODD_TEXTS);
/** A text as it may stand in the first line of a request. */
const inTarget = (random: Random): string => {
  const text = odd(random);
  return random.next() < 0.6 ? encodeURIComponent(text) : text.replaceAll(/[^!-~]/g, '');
};

/** A value of JSON, of fields that mean something somewhere. */
function oddValue(random: Random, depth = 0): unknown {
  switch (random.integer(depth > 3 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.integer(1_000_000) - 500_000;
    case 2:
      return random.next() < 0.5;
    case 3:
    case 4:
      return odd(random);
    case 5:
      return Array.from({ length: random.integer(4) }, () => oddValue(random, depth + 1));
    default:
      return oddObject(random, FIELDS, depth + 1);
  }
}

const oddObject = (random: Random, fields: readonly string[], depth = 0): object =>
  Object.fromEntries(Array.from({ length: random.integer(5) }, () => [pick(random, fields), oddValue(random, depth)]));

function oddBody(random: Random): string | Buffer {
  const text = JSON.stringify(oddValue(random));
  switch (random.integer(6)) {
    case 0:
      return '';
    case 1:
      return text.slice(0, random.integer(text.length + 1));
    case 2:
      return `${'['.repeat(random.integer(3000))}`;
    case 3:
      return Buffer.concat([Buffer.from('k8s\0'), Buffer.from(Array.from({ length: 100 }, () => random.integer(256)))]);
    default:
      return text;
  }
}

/** Make a request that Kubernetes cannot do much with. */
export function randomKubernetesRequest(random: Random): RawRequest {
  const path = [pick(random, RESOURCES)];
  if (random.next() < 0.5) path.push(inTarget(random));
  if (random.next() < 0.25) path.push(pick(random, SUBRESOURCES));
  const query = Array.from({ length: random.integer(4) }, () => `${pick(random, PARAMETERS)}=${inTarget(random)}`);
  return {
    method: pick(random, METHODS),
    target: `/${path.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`,
    headers: { ...AS_ADMIN, 'content-type': pick(random, MEDIA_TYPES), accept: pick(random, ACCEPTED) },
    body: oddBody(random),
  };
}

/** Make a request that AWS cannot do much with. */
export function randomAwsRequest(random: Random): RawRequest {
  const headers = signedFor(pick(random, SERVICES));
  switch (random.integer(3)) {
    case 0: {
      const fields = Array.from({ length: random.integer(6) }, () => `${pick(random, KEYS)}=${inTarget(random)}`);
      return {
        method: pick(random, ['POST', 'GET']),
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: [`Action=${pick(random, ACTIONS)}`, `Version=${pick(random, VERSIONS)}`, ...fields].join('&'),
      };
    }
    case 1:
      return {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': pick(random, TARGETS) },
        body: random.next() < 0.6 ? JSON.stringify(oddObject(random, MEMBERS)) : oddBody(random),
      };
    default:
      return {
        method: pick(random, METHODS),
        target: `/clusters${pick(random, ['', '/shop', '/shop/node-groups', '/shop/updates'])}/${inTarget(random)}`,
        headers: { ...headers, 'content-type': 'application/json' },
        body: oddBody(random),
      };
  }
}
