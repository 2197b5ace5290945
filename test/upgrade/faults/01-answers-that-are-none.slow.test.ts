import assert from 'node:assert/strict';
import type { RequestHandler, SandboxRequest, SandboxResponse } from 'eks-sandbox/server';
import { describe, it } from 'mocha';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, watchedWorld } from './watched-world.ts';

const page: SandboxResponse = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>Please sign in</html>',
};
const json = (body: string): SandboxResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body,
});

const ANSWERS: [what: string, answer: SandboxResponse][] = [
  ['the page of a proxy', page],
  [
    'half a body',
    json('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"12"},"items":[{"metadata":{"na'),
  ],
  ['a Status', json('{"kind":"Status","apiVersion":"v1","status":"Failure","code":503,"message":"shutting down"}')],
  ['a list without items', json('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"12"}}')],
  ['nothing', json('')],
];

const isListOfNode = ({ method, path, query }: SandboxRequest) =>
  method === 'GET' && path === '/api/v1/pods' && (query.get('fieldSelector') ?? '').startsWith('spec.nodeName');
const isEviction = ({ path }: SandboxRequest) => path.endsWith('/eviction');

/** Answer the first requests of a kind in the place of the API server, which does not see them. */
const answering =
  (matches: (request: SandboxRequest) => boolean, answer: SandboxResponse, times = Number.POSITIVE_INFINITY) =>
  (handler: RequestHandler): RequestHandler => {
    let left = times;
    return async (request) => {
      if (!matches(request) || left === 0) return handler(request);
      left -= 1;
      return answer;
    };
  };

const GUARDED = {
  kind: 'Deployment',
  name: 'guarded',
  namespace: 'shop',
  replicas: 6,
  spread: 'host',
  budget: { maxUnavailable: 0 },
} as const;

describe('#1 a 2xx that is not what was asked for is no answer', () => {
  for (const [what, answer] of ANSWERS) {
    it(`${what} in the place of every list of a node's pods: no instance with pods is terminated`, async () => {
      const sandbox = await watchedWorld(world({ workloads: [GUARDED] }), { request: answering(isListOfNode, answer) });
      const before = sandbox
        .pods()
        .flatMap(({ metadata }) => (metadata.name.startsWith('guarded') ? metadata.uid : []));
      const ended = await sandbox.upgrade({ ...INPUT, drainTimeoutSeconds: 300 });
      assert.deepEqual(undrained(sandbox), []);
      const uids = new Set(sandbox.pods().map(({ metadata }) => metadata.uid));
      assert.deepEqual(
        before.filter((uid) => !uids.has(uid)),
        [],
      );
      assert.equal(ended.status, 'FAILED');
      assert.match(`${ended.error} ${ended.cause}`, /ServiceUnavailable/);
    });

    it(`${what} once: it is asked again, and every node is drained before its instance is terminated`, async () => {
      const sandbox = await watchedWorld(world(), { request: answering(isListOfNode, answer, 1) });
      const ended = await sandbox.upgrade();
      assert.equal(ended.status, 'SUCCEEDED', ended.cause);
      assert.deepEqual(undrained(sandbox), []);
      assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
    });
  }

  it('a page in the place of an eviction counts as no eviction: the pod is asked to leave again', async () => {
    const sandbox = await watchedWorld(world(), { request: answering(isEviction, page, 1) });
    const ended = await sandbox.upgrade();
    assert.equal(ended.status, 'SUCCEEDED', ended.cause);
    assert.deepEqual(undrained(sandbox), []);
  });
});
