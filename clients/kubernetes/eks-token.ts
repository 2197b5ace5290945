import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { callAws } from '../aws/call-aws.ts';
import type { Credentials, CredentialsProvider } from '../aws/identity.ts';
import type { Clock } from '../ports.ts';

/** Make or reuse a bearer token; `fresh` makes a new one, because the last was refused. */
export type TokenSource = (options?: { readonly fresh: boolean }) => Promise<string>;

const PREFIX = 'k8s-aws-v1.';
/** The value of aws-iam-authenticator. The server accepts 0 to 900 and ignores it: a token is valid for 15 minutes. */
const EXPIRES_SECONDS = 60;
const KEPT_SECONDS = 600;
/** A token made with credentials that are about to expire could be refused. */
const CREDENTIALS_MARGIN_SECONDS = 60;

/** The regional STS endpoint; the partition follows from the region's name. */
function stsHost(region: string): string {
  return `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Signature Version 4 also encodes five characters that `encodeURIComponent` does not. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Make the bearer token that identifies an IAM principal to an EKS cluster: a presigned STS GetCallerIdentity request with the
 * cluster's name as a signed header.
 *
 * The request is made by hand because the server refuses any query parameter besides those of the signature, and the SDK's
 * presigner for STS adds one.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export async function createToken(request: {
  clusterName: string;
  region: string;
  credentials: Credentials;
  now: Date;
}): Promise<string> {
  const { clusterName, region, credentials, now } = request;
  const hostname = stsHost(region);
  const signer = new SignatureV4({
    service: 'sts',
    region,
    sha256: Sha256,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
    },
  });
  const signed = await signer.presign(
    new HttpRequest({
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': clusterName },
    }),
    { expiresIn: EXPIRES_SECONDS, signingDate: now },
  );
  const query = Object.entries(signed.query ?? {}).map(([key, value]) => `${encode(key)}=${encode(String(value))}`);
  return PREFIX + Buffer.from(`https://${hostname}/?${query.join('&')}`).toString('base64url');
}

/**
 * Keep a token for a cluster, and make a new one when it is ten minutes old, when its credentials are about to expire,
 * or when asked for a fresh one.
 *
 * @param credentials called each time a token is made
 * @throws {AccessDenied} when there are no credentials
 */
export function createTokenSource({
  clusterName,
  region,
  credentials,
  clock,
}: {
  clusterName: string;
  region: string;
  credentials: CredentialsProvider;
  clock: Pick<Clock, 'now'>;
}): TokenSource {
  let kept: { readonly token: Promise<string>; goodUntil: number } | undefined;

  return async ({ fresh } = { fresh: false }) => {
    const now = clock.now();
    if (!fresh && kept !== undefined && now.getTime() < kept.goodUntil) return kept.token;
    const made = { goodUntil: now.getTime() + KEPT_SECONDS * 1000, token: make(now) };
    kept = made;
    // The failure of this attempt must not be reused.
    made.token.catch(() => {
      if (kept === made) kept = undefined;
    });
    return made.token;

    async function make(at: Date): Promise<string> {
      const identity = await callAws('sts:GetCallerIdentity', credentials);
      const expiresAt = identity.expiration?.getTime();
      if (expiresAt !== undefined) {
        made.goodUntil = Math.min(made.goodUntil, expiresAt - CREDENTIALS_MARGIN_SECONDS * 1000);
      }
      return createToken({ clusterName, region, credentials: identity, now: at });
    }
  };
}
