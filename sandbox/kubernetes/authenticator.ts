import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Authenticate, User } from './api/access.ts';

/** A caller of AWS, identified by access key. */
export interface AwsIdentity extends User {
  readonly secretAccessKey: string;
}

/** What `createAuthenticator` needs. */
export interface AuthenticatorOptions {
  readonly clusterName: string;
  readonly region: string;
  /** Accepted as it is, with every right: `kubectl` by the written kubeconfig; `undefined`: there is none. */
  readonly adminToken: string | undefined;
  /** Users of EKS itself, by their tokens. */
  readonly serviceTokens?: ReadonlyMap<string, User>;
  /** Simulated instant; a token may be of its time or, with `wallClock`, of that clock's. */
  readonly clock: { now(): number };
  /** Real clients sign with the time of day, also when the simulated clock runs ahead of it. */
  readonly wallClock?: { now(): number };
  /** Host, with its port, under which the sandbox itself answers for STS. */
  readonly stsHosts?: readonly string[];
  /** The caller behind an access key; `undefined` for one that does not exist. */
  readonly identify: (accessKeyId: string) => AwsIdentity | undefined;
}

/** Everybody who may do anything. */
export const ADMIN: User = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

const TOKEN_PREFIX = 'k8s-aws-v1.';
const CLUSTER_HEADER = 'x-k8s-aws-id';
const LONGEST_TOKEN = 4096;
const LONGEST_EXPIRY_SECONDS = 900;
const TOKEN_LIFE_MS = 15 * 60_000;
const CLOCK_SKEW_MS = 5 * 60_000;
const EMPTY_BODY_HASH = createHash('sha256').update('').digest('hex');

/** Any other parameter is refused, so that another presigned URL is not accepted as a token. */
const PARAMETERS = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Read `20260104T030000Z`. */
function instantOf(amzDate: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(amzDate);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

interface PresignedCall {
  readonly host: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
}

/** A token whose signature is right. */
interface VerifiedToken {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly signedAt: number;
}

/** Read the URL a token carries; `undefined` for anything that is not a plain presigned call of STS. */
function readToken(token: string): PresignedCall | undefined {
  if (!token.startsWith(TOKEN_PREFIX) || token.length > LONGEST_TOKEN) return undefined;
  const text = Buffer.from(token.slice(TOKEN_PREFIX.length), 'base64url').toString();
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname, searchParams, username, hash } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || pathname !== '/' || username !== '' || hash !== '')
    return undefined;
  const parameters = new Map<string, string>();
  for (const [name, value] of searchParams) {
    const key = name.toLowerCase();
    if (!PARAMETERS.has(key) || parameters.has(key)) return undefined;
    parameters.set(key, value);
  }
  return { host, parameters, query: searchParams };
}

/**
 * Compute the Signature Version 4 of a presigned GET with an empty body.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function presignedSignature(
  { parameters, query }: PresignedCall,
  headers: Readonly<Record<string, string>>,
  scope: string,
  secretAccessKey: string,
): string {
  const canonicalQuery = [...query]
    .filter(([name]) => name.toLowerCase() !== 'x-amz-signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const names = Object.keys(headers).sort();
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['GET', '/', canonicalQuery, canonicalHeaders, names.join(';'), EMPTY_BODY_HASH].join('\n');
  const [date = '', region = '', service = '', terminator = ''] = scope.split('/');
  const toSign = [
    'AWS4-HMAC-SHA256',
    parameters.get('x-amz-date'),
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const signingKey = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), service), terminator);
  return hmac(signingKey, toSign).toString('hex');
}

function isSameText(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/**
 * Create the authenticator of an EKS cluster: the sandbox's admin token, and EKS tokens.
 *
 * An EKS token is good for 15 minutes from its `X-Amz-Date`, and only for the cluster whose name was signed with it.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { clusterName, region, adminToken, clock, wallClock, stsHosts = [], serviceTokens, identify } = options;
  const hosts = new Set([
    'sts.amazonaws.com',
    ...['sts', 'sts-fips'].map((name) => `${name}.${region}.amazonaws.com`),
    `sts.${region}.api.aws`,
    ...stsHosts,
  ]);

  const isFresh = (signedAt: number) =>
    [clock, ...(wallClock === undefined ? [] : [wallClock])].some((each) => {
      const age = each.now() - signedAt;
      return age <= TOKEN_LIFE_MS && age >= -CLOCK_SKEW_MS;
    });

  /** Check everything about a token but its age and whether its key still exists: that costs five HMACs. */
  const verify = (token: string): VerifiedToken | undefined => {
    const call = readToken(token);
    if (call === undefined || !hosts.has(call.host)) return undefined;
    const parameter = (name: string) => call.parameters.get(name) ?? '';
    const expirySeconds = Number(parameter('x-amz-expires') || '0');
    const signedHeaders = parameter('x-amz-signedheaders').toLowerCase().split(';');
    const [accessKeyId = '', ...scope] = parameter('x-amz-credential').split('/');
    const isAsked =
      parameter('action') === 'GetCallerIdentity' &&
      parameter('x-amz-algorithm') === 'AWS4-HMAC-SHA256' &&
      expirySeconds >= 0 &&
      expirySeconds <= LONGEST_EXPIRY_SECONDS &&
      scope.length === 4 &&
      scope[0] === parameter('x-amz-date').slice(0, 8) &&
      scope[2] === 'sts';
    const headers: Record<string, string> = { host: call.host, [CLUSTER_HEADER]: clusterName };
    const hasBothHeaders = signedHeaders.length === 2 && signedHeaders.every((name) => name in headers);
    const secretAccessKey = isAsked && hasBothHeaders ? identify(accessKeyId)?.secretAccessKey : undefined;
    if (secretAccessKey === undefined) return undefined;
    const expected = presignedSignature(call, headers, scope.join('/'), secretAccessKey);
    if (!isSameText(expected, parameter('x-amz-signature'))) return undefined;
    return { accessKeyId, secretAccessKey, signedAt: instantOf(parameter('x-amz-date')) };
  };

  /** Clients send a token with every request while it is good. */
  const verifiedTokens = new Map<string, VerifiedToken>();

  const userOf = (token: string): User | undefined => {
    const verified = verifiedTokens.get(token) ?? verify(token);
    if (verified === undefined) return undefined;
    const identity = isFresh(verified.signedAt) ? identify(verified.accessKeyId) : undefined;
    if (identity?.secretAccessKey !== verified.secretAccessKey) {
      verifiedTokens.delete(token);
      return undefined;
    }
    if (!verifiedTokens.has(token)) {
      for (const [older, { signedAt }] of verifiedTokens) if (!isFresh(signedAt)) verifiedTokens.delete(older);
      verifiedTokens.set(token, verified);
    }
    const { username, groups } = identity;
    return { username, groups: [...groups, 'system:authenticated'] };
  };

  return ({ authorization = '' }) => {
    const [scheme = '', token = ''] = authorization.split(' ');
    if (scheme.toLowerCase() !== 'bearer' || token === '') return undefined;
    if (adminToken !== undefined && isSameText(token, adminToken)) return ADMIN;
    return serviceTokens?.get(token) ?? userOf(token);
  };
}
