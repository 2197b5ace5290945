import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createLoopbackCertificate } from 'eks-sandbox/server';
import type { ApiServer, NamespacedName } from './api-server.ts';
import { MERGE, resourcePath } from './world.ts';

/** The user as whom the API server itself changes a budget. */
const API_SERVER = 'system:apiserver';
const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

interface AdmissionReview {
  readonly request: { readonly uid: string; readonly userInfo: { readonly username: string } };
}

const hookOf = ({ namespace }: NamespacedName, port: number, authority: string) => ({
  metadata: { name: namespace },
  webhooks: [
    {
      name: 'contention.contract.example',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      clientConfig: { url: `https://127.0.0.1:${port}`, caBundle: Buffer.from(authority).toString('base64') },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: [
        {
          apiGroups: ['policy'],
          apiVersions: ['v1'],
          operations: ['UPDATE'],
          resources: ['poddisruptionbudgets/status'],
        },
      ],
    },
  ],
});

/**
 * Make each of a real API server's own changes to a budget a conflict.
 *
 * A webhook is asked to admit the change between the server's reading of the budget and its writing: it changes the budget
 * before it answers.
 */
export const createContention =
  ({ request, waitFor }: Pick<ApiServer, 'request' | 'waitFor'>): ApiServer['whileContended'] =>
  async (budget, act) => {
    const { certificateAuthority, certificate, privateKey } = await createLoopbackCertificate(new Date());
    const target = resourcePath('policy/v1', budget.namespace, 'poddisruptionbudgets', budget.name);
    let reviews = 0;
    let changes = 0;
    const change = () => {
      changes += 1;
      const body = { metadata: { annotations: { changes: String(changes) } } };
      return request('PATCH', target, { body, type: MERGE });
    };
    const review = async (message: IncomingMessage) => {
      const { request: asked } = (await json(message)) as AdmissionReview;
      reviews += 1;
      if (asked.userInfo.username === API_SERVER) await change();
      const response = { uid: asked.uid, allowed: true };
      return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
    };
    const hook = createServer({ cert: certificate, key: privateKey }, (message, response) => {
      review(message).then(
        (answer) => response.setHeader('content-type', 'application/json').end(answer),
        () => response.writeHead(500).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(hook, 'listening');
    try {
      const { port } = hook.address() as AddressInfo;
      const body = hookOf(budget, port, certificateAuthority);
      const { status, json: answer } = await request('POST', HOOKS, { body });
      if (status !== 201) throw new Error(`webhook of ${budget.namespace}: ${JSON.stringify(answer)}`);
      await waitFor('the webhook is asked', async () => {
        await request('PATCH', `${target}/status?dryRun=All`, { body: {}, type: MERGE });
        return reviews > 0;
      });
      return await act();
    } finally {
      await request('DELETE', `${HOOKS}/${budget.namespace}`);
      hook.close();
      hook.closeAllConnections();
    }
  };
