import { type HttpRequest, HttpResponse } from '@smithy/protocol-http';
import type { RequestHandler } from '../../server/http.ts';

/** Let an AWS SDK client call a front end in this process, without sockets, retries or real credentials. */
export const sdkConfig = (handle: RequestHandler, accessKeyId = 'AKIATESTER') => ({
  region: 'eu-west-1',
  endpoint: 'http://sandbox.invalid',
  maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey: 'irrelevant' },
  requestHandler: {
    async handle({ method, path, query, headers, body }: HttpRequest) {
      const response = await handle({
        method,
        path,
        query: new URLSearchParams(
          Object.entries(query ?? {}).flatMap(([name, value]) =>
            [value].flat().map((text): [string, string] => [name, text ?? '']),
          ),
        ),
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
        body: body === undefined ? '' : typeof body === 'string' ? body : new TextDecoder().decode(body),
      });
      return {
        response: new HttpResponse({
          statusCode: response.status,
          headers: { ...response.headers },
          body: Buffer.from(response.body as string),
        }),
      };
    },
  },
});
