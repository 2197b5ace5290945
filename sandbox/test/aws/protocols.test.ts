import assert from 'node:assert/strict';
import { awsError } from '../../aws/aws-error.ts';
import { createAwsEndpoint } from '../../aws/endpoint.ts';
import type { SandboxRequest } from '../../server/http.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';
import { createTestRegion } from './region-fixture.ts';

const signedFor = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIATESTER/20260104/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

const request = (given: Partial<SandboxRequest> = {}): SandboxRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  body: '',
  ...given,
});

const form = (service: string, body: string) =>
  request({ headers: { ...signedFor(service), 'content-type': 'application/x-www-form-urlencoded' }, body });

const target = (service: string, name: string, body = '{}') =>
  request({
    headers: { ...signedFor(service), 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': name },
    body,
  });

const get = (path: string, headers: Record<string, string> = signedFor('eks')) =>
  request({ method: 'GET', path, headers });

const answerTo = async (asked: SandboxRequest) => {
  const { status, headers, body } = await createTestRegion().handle(asked);
  return { status, headers, body: body as string };
};

describe('the AWS endpoint', () => {
  const refusals: [string, SandboxRequest, number, string, RegExp][] = [
    [
      'an unknown EC2 action',
      form('ec2', 'Action=DescribeVpcs&Version=2016-11-15'),
      400,
      'text/xml;charset=UTF-8',
      /<Response><Errors><Error><Code>InvalidAction<\/Code><Message>The action DescribeVpcs is not valid for this web service\.<\/Message><\/Error><\/Errors><RequestID>/,
    ],
    [
      'an EC2 parameter that does not exist',
      form('ec2', 'Action=DescribeSubnets&Version=2016-11-15&Filters.1.Name=x'),
      400,
      'text/xml;charset=UTF-8',
      /<Code>UnknownParameter<\/Code><Message>The parameter Filters\.1\.Name is not recognized</,
    ],
    [
      'a missing EC2 parameter',
      form('ec2', 'Action=TerminateInstances&Version=2016-11-15'),
      400,
      'text/xml;charset=UTF-8',
      /<Code>MissingParameter<\/Code><Message>The request must contain the parameter InstanceId</,
    ],
    [
      'an EC2 number that is none',
      form('ec2', 'Action=DescribeSubnets&Version=2016-11-15&MaxResults=many'),
      400,
      'text/xml;charset=UTF-8',
      /<Code>InvalidParameterValue</,
    ],
    [
      'an EC2 version that does not exist',
      form('ec2', 'Action=DescribeSubnets&Version=2001-01-01'),
      400,
      'text/xml;charset=UTF-8',
      /<Code>NoSuchVersion</,
    ],
    [
      'a form without an action',
      form('ec2', 'Version=2016-11-15'),
      400,
      'text/xml;charset=UTF-8',
      /<Code>MissingAction</,
    ],
    [
      'an unknown Auto Scaling action',
      form('autoscaling', 'Action=PutScalingPolicy&Version=2011-01-01'),
      400,
      'text/xml',
      /<ErrorResponse xmlns="http:\/\/autoscaling\.amazonaws\.com\/doc\/2011-01-01\/"><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code><Message>Could not find operation PutScalingPolicy for version 2011-01-01<\/Message><\/Error><RequestId>/,
    ],
    [
      'a tag list that is too long',
      form(
        'autoscaling',
        `Action=CreateOrUpdateTags&Version=2011-01-01&${Array.from({ length: 26 }, (_, index) => `Tags.member.${index + 1}.Key=k${index}`).join('&')}`,
      ),
      400,
      'text/xml',
      /Member must have length less than or equal to 25/,
    ],
    [
      'an unknown SSM operation',
      target('ssm', 'AmazonSSM.PutParameter'),
      400,
      'application/x-amz-json-1.1',
      /^\{"__type":"UnknownOperationException"/,
    ],
    [
      'an SSM parameter that does not exist',
      target('ssm', 'AmazonSSM.GetParameter', '{"Name":"/absent"}'),
      400,
      'application/x-amz-json-1.1',
      /^\{"__type":"ParameterNotFound"/,
    ],
    [
      'an SSM call without a name',
      target('ssm', 'AmazonSSM.GetParameter'),
      400,
      'application/x-amz-json-1.1',
      /"ValidationException","message":"1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"/,
    ],
    [
      'a body that is no JSON',
      target('ssm', 'AmazonSSM.GetParameter', 'Name'),
      400,
      'application/x-amz-json-1.1',
      /"SerializationException"/,
    ],
    [
      'a wrong alarm state',
      target('monitoring', 'GraniteServiceVersion20100801.DescribeAlarms', '{"StateValue":"FINE"}'),
      400,
      'application/x-amz-json-1.1',
      /Member must satisfy enum value set: \[OK, ALARM, INSUFFICIENT_DATA\]/,
    ],
    [
      'an unknown cluster',
      get('/clusters/absent'),
      404,
      'application/json',
      /^\{"message":"No cluster found for name: absent\.","clusterName":"absent"\}$/,
    ],
    ['a path that cannot be decoded', get('/clusters/%E0%A4%A'), 400, 'application/json', /malformed escape sequence/],
    [
      'an EKS path that does not exist',
      get('/clusters/prod/capabilities'),
      404,
      'application/json',
      /No operation answers GET \/clusters\/prod\/capabilities/,
    ],
    [
      'a form without a signature',
      request({ body: 'Action=DescribeSubnets&Version=2016-11-15' }),
      403,
      'text/xml;charset=UTF-8',
      /<Code>MissingAuthenticationToken</,
    ],
    [
      'a path without a signature',
      get('/clusters', {}),
      403,
      'application/json',
      /Request is missing Authentication Token/,
    ],
    [
      'a signature that cannot be read',
      get('/clusters', { authorization: 'Bearer x' }),
      403,
      'application/json',
      /Credential=KEY/,
    ],
    [
      'a signature for another region',
      request({ headers: signedFor('ec2', 'us-east-1'), body: 'Action=DescribeSubnets&Version=2016-11-15' }),
      403,
      'text/xml;charset=UTF-8',
      /Credential should be scoped to a valid region, not &apos;us-east-1&apos;/,
    ],
    [
      'a service that is not simulated',
      get('/bucket', signedFor('s3')),
      404,
      'text/xml',
      /has no service &apos;s3&apos;/,
    ],
  ];
  for (const [title, asked, status, contentType, body] of refusals)
    it(`refuses ${title} in the shape of the protocol`, async () => {
      const answer = await answerTo(asked);
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-type'], contentType);
      assert.match(answer.body, body);
      assert.match(answer.headers['x-amzn-requestid'] ?? '', /^[0-9a-f-]{36}$/);
    });

  it('names the error of a REST call in a header', async () => {
    const { headers } = await answerTo(get('/clusters/absent'));
    assert.equal(headers['x-amzn-errortype'], 'ResourceNotFoundException');
  });

  it('wraps an EC2 answer as EC2 does', async () => {
    const { body } = await answerTo(form('ec2', 'Action=DescribeLaunchTemplates&Version=2016-11-15'));
    assert.match(
      body,
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<DescribeLaunchTemplatesResponse xmlns="http:\/\/ec2\.amazonaws\.com\/doc\/2016-11-15\/"><requestId>[^<]+<\/requestId><launchTemplates><item><launchTemplateId>/,
    );
  });

  it('wraps a query answer as Auto Scaling does', async () => {
    const { body } = await answerTo(form('autoscaling', 'Action=DescribeAutoScalingGroups&Version=2011-01-01'));
    assert.match(body, /<DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>workers</);
    assert.match(body, /<\/DescribeAutoScalingGroupsResult><ResponseMetadata><RequestId>/);
  });

  it('still speaks the query protocol to old CloudWatch clients', async () => {
    const { status, body } = await answerTo(form('monitoring', 'Action=DescribeAlarms&Version=2010-08-01'));
    assert.equal(status, 200);
    assert.match(body, /<DescribeAlarmsResult><CompositeAlarms\/><MetricAlarms\/><\/DescribeAlarmsResult>/);
  });

  it('finds the service by target or form when the scope does not say it', async () => {
    const byTarget = await answerTo(target('unknown', 'AmazonSSM.GetParameters', '{"Names":["/x"]}'));
    assert.equal(byTarget.body, '{"Parameters":[],"InvalidParameters":["/x"]}');
    const byForm = await answerTo(form('unknown', 'Action=GetCallerIdentity&Version=2011-06-15'));
    assert.match(byForm.body, /<Arn>arn:aws:iam::111122223333:user\/tester<\/Arn>/);
  });

  it('takes a presigned GET, as EKS tokens are', async () => {
    const query = new URLSearchParams({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Credential': 'ASIAWORKFLOW/20260104/eu-west-1/sts/aws4_request',
    });
    const { status, body } = await answerTo(request({ method: 'GET', query }));
    assert.equal(status, 200);
    assert.match(body, /assumed-role\/eks-nodegroup-upgrade\/workflow</);
  });

  it('serves a further JSON service that is plugged in', async () => {
    const calls: unknown[] = [];
    const handle = createAwsEndpoint({
      clock: createVirtualClock(0),
      services: [
        {
          name: 'states',
          targetPrefix: 'AWSStepFunctions',
          dispatch(action, input, context) {
            calls.push({ action, input, context });
            if (action === 'StopExecution') throw awsError('ExecutionDoesNotExist', 'Execution Does Not Exist: x');
            return { startDate: new Date(1500) };
          },
        },
      ],
    });
    const asked = (action: string) => ({
      ...target('states', `AWSStepFunctions.${action}`, '{"input":"{}"}'),
      headers: {
        ...target('states', `AWSStepFunctions.${action}`).headers,
        'content-type': 'application/x-amz-json-1.0',
      },
    });
    const started = await handle(asked('StartExecution'));
    assert.equal(started.body, '{"startDate":1.5}');
    assert.equal(started.headers['content-type'], 'application/x-amz-json-1.0');
    assert.deepEqual(calls, [
      {
        action: 'StartExecution',
        input: { input: '{}' },
        context: { caller: 'AKIATESTER', region: 'eu-west-1', accountId: '111122223333' },
      },
    ]);
    const stopped = await handle(asked('StopExecution'));
    assert.equal(stopped.status, 400);
    assert.equal(stopped.body, '{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist: x"}');
  });
});
