import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireLog } from 'eks-sandbox';

const VALIDATOR = join(import.meta.dirname, 'validate-responses.py');

/** The service a request is signed for, e.g. `autoscaling`. */
const serviceOf = (authorization = ''): string | undefined =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(authorization)?.[1];

/**
 * Keep every answer of a sandbox's AWS endpoint, one JSON object a line, for `validateAwsAnswers`.
 *
 * @param path of a file, which is made anew
 */
export function recordAwsAnswers(wire: WireLog, path: string): void {
  writeFileSync(path, '');
  wire.onResponse(({ plane, request, status, response }) => {
    const service = serviceOf(request.headers.authorization);
    if (plane !== 'aws' || service === undefined) return;
    const body = typeof response.body === 'string' ? response.body : '';
    const contentType = response.headers['content-type'];
    const { method, headers, body: sent } = request;
    const line = {
      service,
      method,
      path: request.path,
      target: headers['x-amz-target'],
      sent,
      status,
      errorType: response.headers['x-amzn-errortype'],
      contentType,
      body,
    };
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  });
}

/** What the validator found: answers looked at, operations among them, and a sentence for each violation. */
export interface Validation {
  readonly answers: number;
  readonly operations: readonly string[];
  readonly violations: readonly string[];
}

/**
 * Compare recorded answers with the service models of botocore: required members, types, enums, lengths, unknown members,
 * error codes.
 *
 * @param pythonBin folder of a python that has botocore
 * @throws Error with what python said when it could not be run
 */
export function validateAwsAnswers(pythonBin: string, paths: readonly string[]): Validation {
  const { status, stdout, stderr } = spawnSync(join(pythonBin, 'python'), [VALIDATOR, ...paths], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`validate-responses.py ended with code ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Validation;
}
