import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/protocol-http';

/** One request as the SDK sent it. */
export interface SentRequest {
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Members of a query-protocol body; empty for the others. */
  readonly form: Readonly<Record<string, string>>;
  /** A JSON body; empty for the others. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** An answer of the service: text, or a socket error. */
export type Answer = { readonly status?: number; readonly body: string } | Error;

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };

const jsonOf = (body: string) => (body.startsWith('{') ? JSON.parse(body) : {});

/** Answer an SDK client with prepared answers, and keep its requests. The last answer is repeated. */
export function fakeAws(...answers: Answer[]) {
  const requests: SentRequest[] = [];
  const requestHandler = {
    async handle(request: HttpRequest) {
      const body = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
      const json = jsonOf(body);
      const form = body === '' || body.startsWith('{') ? {} : Object.fromEntries(new URLSearchParams(body));
      requests.push({ host: request.hostname, path: request.path, headers: request.headers, form, json });
      const answer = answers[Math.min(requests.length, answers.length) - 1] as Answer;
      if (answer instanceof Error) throw answer;
      const { status = 200, body: text } = answer;
      const headers = { 'content-type': text.startsWith('<') ? 'text/xml' : 'application/json' };
      return { response: new HttpResponse({ statusCode: status, headers, body: Readable.from([Buffer.from(text)]) }) };
    },
  };
  const config = {
    region: 'eu-west-1',
    credentials: KEYS,
    endpoint: 'https://aws.invalid',
    maxAttempts: 1,
    requestHandler,
  };
  return { requests, requestHandler, config, credentials: KEYS };
}

/** The result of an action of the query protocol. */
export const xml = (action: string, result: string): Answer => ({
  body: `<${action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
});

/** The result of an EC2 action, which has no wrapper. */
export const ec2Xml = (action: string, result: string): Answer => ({
  body: `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>${result}</${action}Response>`,
});

export const queryError = (code: string, message: string, status = 400): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

export const ec2Error = (code: string, message: string, status = 400): Answer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});

export const json = (value: unknown): Answer => ({ body: JSON.stringify(value) });

export const jsonError = (type: string, message: string, status = 400): Answer => ({
  status,
  body: JSON.stringify({ __type: type, message }),
});
