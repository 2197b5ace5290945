import type { SandboxRequest } from '../server/http.ts';
import { awsError } from './aws-error.ts';

/** The part of a Signature Version 4 that identifies the caller and the service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

const parseScope = (credential: string): CredentialScope | undefined => {
  const parts = credential.split('/');
  const [accessKeyId, , region, service, terminator] = parts;
  return parts.length === 5 && accessKeyId && region && service && terminator === 'aws4_request'
    ? { accessKeyId, region, service }
    : undefined;
};

/**
 * Read who signed a request, from its Authorization header or its presigned query. Signatures are not verified:
 * every secret is right.
 *
 * @returns undefined for a request without a signature
 * @throws IncompleteSignature for a signature that cannot be read
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function readCredentialScope({ headers, query }: SandboxRequest): CredentialScope | undefined {
  const authorization = headers.authorization;
  const credential =
    authorization?.match(/^AWS4-HMAC-SHA256 .*Credential=([^,\s]+)/)?.[1] ?? query.get('X-Amz-Credential');
  if (credential) {
    const scope = parseScope(credential);
    if (scope !== undefined) return scope;
  }
  if (!credential && authorization === undefined) return undefined;
  throw awsError(
    'IncompleteSignature',
    "Authorization header requires 'Credential' parameter of the form AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request.",
    { status: 403 },
  );
}
