import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createLoopbackCertificate } from 'eks-sandbox/server';
import type { ApiServer, EvictionPolicy, EvictionWebhook } from './api-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const EVICTIONS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods/eviction'] };

const within = (namespace: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });

interface AdmissionReview {
  readonly request: { readonly uid: string };
}

/** `errs`: it answers every call by 500. */
type ServedWebhook = Omit<EvictionWebhook, 'answer'> & { readonly answer: EvictionWebhook['answer'] | 'errs' };

/** Serve a webhook on loopback; it denies everything, fails, or gives no answer. */
async function serveWebhook({ answer, code, reason, message }: ServedWebhook) {
  const { certificateAuthority, certificate, privateKey } = await createLoopbackCertificate(new Date());
  const review = async (asked: IncomingMessage) => {
    const { request } = (await json(asked)) as AdmissionReview;
    const response = { uid: request.uid, allowed: false, status: { code, reason, message } };
    return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  };
  const server = createServer({ cert: certificate, key: privateKey }, (asked, response) => {
    if (answer === 'hangs') return;
    if (answer === 'errs') {
      response.writeHead(500).end();
      return;
    }
    review(asked).then(
      (text) => response.setHeader('content-type', 'application/json').end(text),
      () => response.writeHead(500).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  if (answer === 'fails') close();
  return { url: `https://127.0.0.1:${port}/validate`, certificateAuthority, close };
}

/** Put webhooks and policies for evictions into a real API server, and take them out again. */
export function createAdmissionControl({ request, waitFor }: Pick<ApiServer, 'request' | 'waitFor'>) {
  const whileThereAre = async <T>(
    namespace: string,
    objects: readonly (readonly [resource: string, body: object])[],
    act: () => Promise<T>,
  ): Promise<T> => {
    try {
      for (const [resource, body] of objects) {
        const { status, json: answer } = await request('POST', `${GROUP}/${resource}`, { body });
        if (status !== 201) throw new Error(`${resource} ${namespace}: ${JSON.stringify(answer)}`);
      }
      // Admission comes before the search for the pod.
      await waitFor('evictions are refused', async () => {
        const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'nobody', namespace } };
        const target = `/api/v1/namespaces/${namespace}/pods/nobody/eviction`;
        return (await request('POST', target, { body })).status !== 404;
      });
      return await act();
    } finally {
      for (const [resource] of objects) await request('DELETE', `${GROUP}/${resource}/${namespace}`);
    }
  };

  const whileWebhook = async <T>(namespace: string, webhook: ServedWebhook, act: () => Promise<T>): Promise<T> => {
    const { url, certificateAuthority, close } = await serveWebhook(webhook);
    const hook = {
      name: webhook.name,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: webhook.timeoutSeconds ?? 10,
      clientConfig: { url, caBundle: Buffer.from(certificateAuthority).toString('base64') },
      namespaceSelector: within(namespace),
      rules: [EVICTIONS],
    };
    try {
      const body = { metadata: { name: namespace }, webhooks: [hook] };
      return await whileThereAre(namespace, [['validatingwebhookconfigurations', body]], act);
    } finally {
      close();
    }
  };

  const whilePolicy: ApiServer['whilePolicy'] = (namespace, { message, reason }: EvictionPolicy, act) => {
    const spec = {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [EVICTIONS] },
      validations: [{ expression: 'false', message, reason }],
    };
    const bindingSpec = {
      policyName: namespace,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: within(namespace) },
    };
    const objects = [
      ['validatingadmissionpolicies', { metadata: { name: namespace }, spec }],
      ['validatingadmissionpolicybindings', { metadata: { name: namespace }, spec: bindingSpec }],
    ] as const;
    return whileThereAre(namespace, objects, act);
  };

  return { whileWebhook, whilePolicy };
}
