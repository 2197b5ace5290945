import assert from 'node:assert/strict';
import type { RequestHandler, SandboxResponse } from 'eks-sandbox/server';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld } from '../managed-world.ts';
import { NEW_AMI } from '../run-upgrade.ts';
import { watchedWorld } from './watched-world.ts';

const NOT_FOUND = JSON.stringify({ message: 'No update found for ID' });
const NO_GROUP =
  '<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeAutoScalingGroupsResponse>';

type Request = Parameters<RequestHandler>[0];
const isUpdate = ({ method, path }: Request) => method === 'GET' && /\/updates\/[^/]+$/.test(path);
const isGroup = ({ body }: Request) => /Action=DescribeAutoScalingGroups&/.test(String(body));

/** Answer the n-th request of a kind that something is not there. */
function oddAnswer(
  is: (request: Request) => boolean,
  number: number,
  answer: Pick<SandboxResponse, 'status' | 'body'>,
) {
  let count = 0;
  return (handler: RequestHandler, plane: string): RequestHandler =>
    async (request): Promise<SandboxResponse> => {
      if (plane !== 'aws' || !is(request)) return handler(request);
      count += 1;
      const response = await handler(request);
      if (count !== number) return response;
      const isJson = answer.status === 404;
      return {
        ...response,
        ...answer,
        headers: { ...response.headers, ...(isJson && { 'x-amzn-errortype': 'ResourceNotFoundException' }) },
      };
    };
}

const group = { desiredCapacity: 3, minSize: 1, maxSize: 4 };

describe('#62 one odd answer does not end a run that EKS goes on with', () => {
  const odd: [title: string, between: ReturnType<typeof oddAnswer>][] = [
    ['EKS does not know its update once', oddAnswer(isUpdate, 8, { status: 404, body: NOT_FOUND })],
    ['Auto Scaling does not know the group once', oddAnswer(isGroup, 8, { status: 200, body: NO_GROUP })],
  ];
  for (const [title, request] of odd) {
    it(`${title}: the run follows the update to its end`, async () => {
      const sandbox = await watchedWorld(managedWorld({ group }), { request });
      const ended = await sandbox.end(sandbox.start(MANAGED));
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    });
  }
});
