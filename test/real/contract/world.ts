import assert from 'node:assert/strict';
import type { Answer, ApiServer, Sent } from './api-server.ts';

/** A corner of a cluster that one behaviour has to itself: a namespace, and nodes that only its pods select. */
export interface World {
  readonly server: ApiServer;
  readonly namespace: string;
  /** Ask as the administrator unless another token is given. */
  ask(method: string, target: string, sent?: Sent): Promise<Answer>;
  /** The answer's object; anything but a success fails the test. */
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  must(method: string, target: string, body?: unknown, type?: string): Promise<any>;
  /** Path of a namespaced resource of this world, e.g. `path('apps/v1', 'deployments', 'web')`. */
  path(version: string, resource: string, name?: string): string;
  /** Add a Ready node for this world's pods and give its name. */
  node(suffix?: string): Promise<string>;
}

export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const APPLY = 'application/apply-patch+yaml';

/** Path of a resource in a namespace, or of a cluster-scoped one without. */
export function resourcePath(version: string, namespace: string | undefined, resource: string, name?: string): string {
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${resource}${name === undefined ? '' : `/${name}`}`;
}

export const nodePath = (name: string): string => resourcePath('v1', undefined, 'nodes', name);

/** Create the world of one behaviour on a server. */
export async function createWorld(server: ApiServer, namespace: string): Promise<World> {
  const ask: World['ask'] = (method, target, sent) => server.request(method, target, sent);
  const must: World['must'] = async (method, target, body, type) => {
    const answer = await ask(method, target, { body, ...(type === undefined ? {} : { type }) });
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  };
  await must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    server,
    namespace,
    ask,
    must,
    path: (version, resource, name) => resourcePath(version, namespace, resource, name),
    async node(suffix = 'node') {
      const name = `${namespace}-${suffix}`;
      await server.addNode(name, { contract: namespace });
      return name;
    },
  };
}
