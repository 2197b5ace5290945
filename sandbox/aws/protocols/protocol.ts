import type { SandboxRequest, SandboxResponse } from '../../server/http.ts';
import type { AwsError } from '../aws-error.ts';
import type { AwsService } from '../aws-service.ts';

/** The action that a request names, and its input. */
export interface Call {
  readonly action: string;
  readonly input: Record<string, unknown>;
}

/** One wire protocol: reads requests into calls, and writes answers and errors. */
export interface Protocol {
  /** @throws AwsError when the request names no action, or cannot be read */
  read(service: AwsService, request: SandboxRequest): Call;
  writeOutput(
    service: AwsService,
    request: SandboxRequest,
    call: Call,
    output: Record<string, unknown>,
    requestId: string,
  ): SandboxResponse;
  writeError(
    service: AwsService | undefined,
    request: SandboxRequest,
    error: AwsError,
    requestId: string,
  ): SandboxResponse;
}

/** The form of a query request: its body, or the query of a GET. */
export const formOf = (request: SandboxRequest): URLSearchParams =>
  request.method === 'GET' || request.body === '' ? request.query : new URLSearchParams(request.body);
