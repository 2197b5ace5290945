import assert from 'node:assert/strict';
import { callAws } from '../../clients/aws/call-aws.ts';
import { kubernetesError } from '../../clients/kubernetes/kubernetes-error.ts';

const thrown = (name: string, message = 'words of the service', httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
const socketError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const failing = (error: unknown) => callAws('ec2:DescribeImages', () => Promise.reject(error));

describe('a failure of AWS', () => {
  const cases: [error: Error, name: string][] = [
    [thrown('Throttling'), 'Throttled'],
    [thrown('ThrottlingException'), 'Throttled'],
    [thrown('RequestLimitExceeded', '', 503), 'Throttled'],
    [thrown('TooManyRequestsException', '', 429), 'Throttled'],
    [thrown('SlowDown', '', 503), 'Throttled'],
    [thrown('AnythingElse', '', 429), 'Throttled'],
    [thrown('ScalingActivityInProgressFault'), 'Conflict'],
    [thrown('ScalingActivityInProgress'), 'Conflict'],
    [thrown('ResourceContentionFault', '', 500), 'Conflict'],
    [thrown('ResourceInUseException', '', 409), 'Conflict'],
    [thrown('AccessDenied', '', 403), 'AccessDenied'],
    [thrown('AccessDeniedException', '', 403), 'AccessDenied'],
    [thrown('UnauthorizedOperation', '', 403), 'AccessDenied'],
    [thrown('ExpiredTokenException', '', 403), 'AccessDenied'],
    [thrown('InvalidClientTokenId', '', 403), 'AccessDenied'],
    [Object.assign(new Error('could not load'), { name: 'CredentialsProviderError' }), 'AccessDenied'],
    [thrown('InternalFailure', '', 500), 'ServiceUnavailable'],
    [thrown('ServiceUnavailable', '', 503), 'ServiceUnavailable'],
    [thrown('Unknown', '', 502), 'ServiceUnavailable'],
    [thrown('SyntaxError', 'Unexpected token < in JSON', 200), 'ServiceUnavailable'],
    [thrown('UnknownError', '', 404), 'ServiceUnavailable'],
    [thrown('302', '', 302), 'ServiceUnavailable'],
    [thrown('RequestTimeout', '', 408), 'ServiceUnavailable'],
    [socketError('ECONNRESET'), 'ServiceUnavailable'],
    [socketError('ENOTFOUND'), 'ServiceUnavailable'],
    [Object.assign(new Error('timed out'), { name: 'TimeoutError' }), 'ServiceUnavailable'],
    [thrown('ValidationError'), 'InvalidInput'],
    [thrown('InvalidParameterException'), 'InvalidInput'],
    [thrown('IdempotentParameterMismatch'), 'InvalidInput'],
  ];
  for (const [error, name] of cases) {
    const { httpStatusCode = '' } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
    const { code = error.name } = error as { code?: string };
    it(`becomes ${name} when it is ${code} ${httpStatusCode}`, async () => {
      await assert.rejects(failing(error), { name, cause: error });
    });
  }

  it('contains the message of the service, its code, and the request', async () => {
    await assert.rejects(failing(thrown('ValidationError', 'The image id is malformed')), {
      message: 'ec2:DescribeImages was refused: The image id is malformed (ValidationError)',
    });
  });

  it('names the principal and the action that is missing, without the ciphertext EC2 adds', async () => {
    const message =
      'You are not authorized to perform this operation. User: arn:aws:sts::111122223333:assumed-role/upgrade/run is not authorized to perform: ec2:DescribeImages because no identity-based policy allows the action. Encoded authorization failure message: AbC123dEf';
    await assert.rejects(failing(thrown('UnauthorizedOperation', message, 403)), (error: Error) => {
      assert.match(
        error.message,
        /does not let arn:aws:sts::111122223333:assumed-role\/upgrade\/run do ec2:DescribeImages: allow this action/,
      );
      assert.doesNotMatch(error.message, /AbC123dEf/);
      return true;
    });
  });

  it('#38 names the rights that are meant where Auto Scaling checks those of EC2', async () => {
    await assert.rejects(
      failing(thrown('AccessDenied', 'You are not authorized to use launch template: lt-0254', 403)),
      {
        message:
          "AWS does not let the role this runs as do ec2:RunInstances: allow ec2:RunInstances, ec2:CreateTags and iam:PassRole (the role of the template's instance profile) in its IAM policy: whoever lets a group launch from a template must be allowed to launch from it. AWS said: You are not authorized to use launch template: lt-0254 (AccessDenied)",
      },
    );
  });

  for (const [title, why, advice] of [
    [
      'a policy of the organisation',
      'with an explicit deny in a service control policy',
      'a service control policy denies it',
    ],
    [
      'a boundary',
      'because no permissions boundary allows the action',
      'allow this action in its permissions boundary, too',
    ],
  ] as const) {
    it(`#38 says where an allowance does not help: ${title}`, async () => {
      const message = `User: arn:aws:iam::111122223333:role/upgrade is not authorized to perform: iam:PassRole on resource: x ${why}`;
      await assert.rejects(failing(thrown('AccessDenied', message, 403)), (error: Error) => {
        assert.ok(error.message.includes('do iam:PassRole: '), error.message);
        assert.ok(error.message.includes(advice), error.message);
        return true;
      });
    });
  }

  it('does not translate a fault in our own code', async () => {
    const error = new TypeError('cannot read properties of undefined');
    await assert.rejects(failing(error), error);
  });

  it('becomes a value when the caller expects it', async () => {
    const answer = await callAws(
      'eks:DescribeCluster',
      () => Promise.reject(thrown('ResourceNotFoundException', '', 404)),
      ({ code }) => (code === 'ResourceNotFoundException' ? { answer: 'none' } : undefined),
    );
    assert.equal(answer, 'none');
  });
});

describe('a failure of the Kubernetes API', () => {
  const failure = (status: number | undefined, code: string) => ({
    action: 'patch node a',
    code,
    message: 'words of the server',
    ...(status === undefined ? {} : { status }),
  });
  const cases: [title: string, error: Error, name: string, says: RegExp][] = [
    ['401', kubernetesError(failure(401, 'Unauthorized')), 'Unauthorized', /access entry.*clock/],
    [
      '403',
      kubernetesError(failure(403, 'Forbidden')),
      'Unauthorized',
      /RBAC refuses to patch node a: bind the ClusterRole/,
    ],
    ['429', kubernetesError(failure(429, 'TooManyRequests')), 'Throttled', /patch node a/],
    ['409', kubernetesError(failure(409, 'Conflict')), 'Conflict', /words of the server/],
    ['500', kubernetesError(failure(500, 'InternalError')), 'ServiceUnavailable', /failed for now/],
    ['504', kubernetesError(failure(504, 'Timeout')), 'ServiceUnavailable', /failed for now/],
    ['422', kubernetesError(failure(422, 'Invalid')), 'InvalidInput', /words of the server \(Invalid\)/],
    ['a broken connection', kubernetesError(failure(undefined, 'ECONNRESET')), 'ServiceUnavailable', /failed for now/],
    ['a timeout', kubernetesError(failure(undefined, 'ETIMEDOUT')), 'ServiceUnavailable', /failed for now/],
    [
      'no answer at first contact',
      kubernetesError(failure(undefined, 'ECONNREFUSED'), true),
      'ClusterUnreachable',
      /check that the endpoint EKS names is right.*VPC/,
    ],
    [
      'an unknown host at first contact',
      kubernetesError(failure(undefined, 'ENOTFOUND'), true),
      'ClusterUnreachable',
      /does not answer/,
    ],
    [
      'something else than a Kubernetes API at first contact',
      kubernetesError(failure(404, 'NotFound'), true),
      'ClusterUnreachable',
      /not a Kubernetes API/,
    ],
    [
      'a certificate of somebody else',
      kubernetesError(failure(undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), true),
      'ClusterUnreachable',
      /certificate is not signed/,
    ],
  ];
  for (const [title, error, name, says] of cases) {
    it(`becomes ${name} when it is ${title}`, () => {
      assert.equal(error.name, name);
      assert.match(error.message, says);
    });
  }

  it('has a sentence that says what to do for a wrong endpoint, a refused token and a missing right', () => {
    const sentences = [
      kubernetesError(failure(undefined, 'ECONNREFUSED'), true),
      kubernetesError(failure(401, 'Unauthorized'), true),
      kubernetesError(failure(403, 'Forbidden'), true),
    ].map(({ message }) => message.split(':')[0]);
    assert.equal(new Set(sentences).size, 3);
  });
});
