import { type Agent, request as httpsRequest } from 'node:https';
import type { ApiServer } from './api-server.ts';

/** How to reach a real API server, and whose requests it is to have no place for. */
export interface OverloadOptions extends Pick<ApiServer, 'request' | 'waitFor'> {
  /** `https://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly agent: Agent;
  readonly username: string;
  readonly token: string;
}

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';

/** A priority level that nothing fits in: it still admits one request at a time, when nothing of it runs. */
const LEVEL = {
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: 'Reject' },
  },
};

const flowOf = (username: string, namespace: string) => ({
  priorityLevelConfiguration: { name: namespace },
  matchingPrecedence: 2,
  rules: [
    {
      subjects: [{ kind: 'User', user: { name: username } }],
      resourceRules: [{ verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'], namespaces: [namespace] }],
    },
  ],
});

/**
 * Make API priority and fairness refuse evictions by a user in a namespace.
 *
 * The one place of their priority level is taken by an eviction whose body is not sent: the server waits for it meanwhile.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function createOverload({ endpoint, agent, username, token, request, waitFor }: OverloadOptions) {
  const beginEviction = (target: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': 2 };
    const begun = httpsRequest(`${endpoint}${target}`, { method: 'POST', agent, headers }, (response) =>
      response.resume(),
    );
    // It is broken off in the end, which is an error to the socket.
    begun.on('error', () => undefined);
    begun.flushHeaders();
    return begun;
  };

  return async <T>(namespace: string, act: () => Promise<T>): Promise<T> => {
    const target = `/api/v1/namespaces/${namespace}/pods/nobody/eviction`;
    const objects = [
      ['prioritylevelconfigurations', LEVEL],
      ['flowschemas', flowOf(username, namespace)],
    ] as const;
    const begun: ReturnType<typeof beginEviction>[] = [];
    try {
      for (const [resource, spec] of objects) {
        const { status, json } = await request('POST', `${GROUP}/${resource}`, {
          body: { metadata: { name: namespace }, spec },
        });
        if (status !== 201) throw new Error(`${resource} ${namespace}: ${JSON.stringify(json)}`);
      }
      await waitFor('evictions find no place', async () => {
        begun.push(beginEviction(target));
        return (await request('POST', target, { token, body: {} })).status === 429;
      });
      return await act();
    } finally {
      for (const each of begun) each.destroy();
      for (const [resource] of objects) await request('DELETE', `${GROUP}/${resource}/${namespace}`);
    }
  };
}
