import assert from 'node:assert/strict';
import type { RequestHandler, SandboxResponse } from 'eks-sandbox/server';
import { describe, it } from 'mocha';
import { MANAGED, managedWorld } from '../managed-world.ts';
import { NEW_AMI } from '../run-upgrade.ts';
import { BLOCKING_WORKLOAD } from '../workloads.ts';
import { watchedWorld } from './watched-world.ts';

/** EKS calls an update Successful from the n-th answer on, whatever it still does. */
function sayingSuccessful(from: number) {
  let answers = 0;
  return (handler: RequestHandler, plane: string): RequestHandler =>
    async (request): Promise<SandboxResponse> => {
      const response = await handler(request);
      if (plane !== 'aws' || request.method !== 'GET' || !/\/updates\/[^/]+$/.test(request.path)) return response;
      answers += 1;
      if (answers < from) return response;
      const { update } = JSON.parse(response.body as string);
      return { ...response, body: JSON.stringify({ update: { ...update, status: 'Successful', errors: [] } }) };
    };
}

const group = { desiredCapacity: 9, minSize: 3, maxSize: 10 };

describe('#66 a run of engine eks succeeds when its nodes run the new AMI, whatever EKS says', () => {
  for (const from of [1, 5]) {
    it(`EKS says Successful from answer ${from} on, and goes on: the run ends with no old node`, async () => {
      const sandbox = await watchedWorld(managedWorld({ group }), { request: sayingSuccessful(from) });
      const ended = await sandbox.end(sandbox.start(MANAGED));
      const old = sandbox.amis().filter((ami) => ami !== NEW_AMI).length;
      assert.ok(
        ended.status === 'FAILED' || old === 0,
        `${ended.status} with ${old} old nodes: ${ended.output?.completion?.summary}`,
      );
    });
  }

  it('EKS says Successful and leaves old nodes: the run fails, and says how many are left', async () => {
    const blocked = managedWorld({ group, workloads: [{ ...BLOCKING_WORKLOAD }] });
    const sandbox = await watchedWorld(blocked, { request: sayingSuccessful(5) });
    const ended = await sandbox.end(sandbox.start(MANAGED));
    const old = sandbox.amis().filter((ami) => ami !== NEW_AMI).length;
    assert.ok(old > 0, 'nothing blocked EKS');
    assert.equal(ended.status, 'FAILED', ended.output?.completion?.summary);
    assert.match(ended.cause, new RegExp(`\\b${old}\\b`));
  });
});
