import { connectionLost } from '../aws/aws-error.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import { unpack } from './content-encoding.ts';
import type { SandboxResponse } from './http.ts';

/** An answer that a scenario spoils. */
export type OddAnswer = Extract<Fault, { kind: 'oddAnswer' }>;

const PAGE =
  '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>\n';

/** Sound answers to another question, by media type: of Kubernetes, of AWS's JSON and of its XML. */
const OTHER_KINDS = {
  kubernetes: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":200}\n',
  json: '{"somethingElse":{}}',
  xml: '<?xml version="1.0" encoding="UTF-8"?>\n<SomethingElseResponse><SomethingElseResult/></SomethingElseResponse>',
};

async function* untilBroken(text: string): AsyncIterable<string> {
  yield text;
  throw connectionLost();
}

const half = (text: string) => text.slice(0, Math.floor(text.length / 2));

/**
 * Spoil an answer.
 *
 * @param otherKind which answer another question would have had
 */
export function spoil(
  { form }: Pick<OddAnswer, 'form'>,
  response: SandboxResponse,
  otherKind: keyof typeof OTHER_KINDS,
): SandboxResponse {
  const { status, headers, body } = unpack(response);
  if (typeof body !== 'string') throw new Error('a stream cannot be spoilt');
  switch (form) {
    case 'truncated':
      return { status, headers, body: half(body) };
    case 'brokenOff':
      return {
        status,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        body: untilBroken(half(body)),
      };
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: PAGE };
    case 'otherKind':
      return { status: 200, headers, body: OTHER_KINDS[otherKind] };
    case 'empty':
      return { status: 200, headers, body: '' };
  }
}

/**
 * Find the next answer to spoil, each of them counted by itself; `fromSeconds` counts from this call.
 *
 * @returns what gives, for the names of a request's action, how its answer is to be spoilt
 */
export function createOddAnswers(
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): (names: readonly string[]) => OddAnswer | undefined {
  const startedAt = clock.now();
  const left = new Map(faults.filter((fault) => fault.kind === 'oddAnswer').map((fault) => [fault, fault.times]));
  return (names) => {
    for (const [fault, times] of left) {
      if (times === 0 || !names.includes(fault.action)) continue;
      if (clock.now() < startedAt + fault.fromSeconds * 1000) continue;
      left.set(fault, times - 1);
      return fault;
    }
    return undefined;
  };
}
