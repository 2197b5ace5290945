import {
  AccessDenied,
  ClusterUnreachable,
  Conflict,
  InvalidInput,
  RightRefused,
  ServiceUnavailable,
  Throttled,
  Unauthorized,
  type UpgradeError,
} from '../../domain/errors.ts';
import {
  type FailureRule,
  hasNoAnswer,
  isCertificateFailure,
  isServerFault,
  quote,
  type ServiceFailure,
  toUpgradeError,
} from '../service-failure.ts';

const isTokenRefused = ({ status }: ServiceFailure) => status === 401;
const tokenRefused = (f: ServiceFailure) =>
  `The Kubernetes API does not accept our token (${f.action}): give the role an access entry in this cluster ` +
  '(aws eks create-access-entry), check that its session has not expired, and that the clock is right (the token lives 15 minutes).';

const isRightRefused = ({ status }: ServiceFailure) => status === 403;
const rightRefused = (f: ServiceFailure) =>
  `Kubernetes RBAC refuses to ${f.action}: bind the ClusterRole in kubernetes/ to the group of the role's access entry. ` +
  `Kubernetes said: ${quote(f)}`;

/** What the errors of the Kubernetes API mean for a run. */
const KUBERNETES_FAILURES: readonly FailureRule[] = [
  // EKS refuses good tokens for seconds at times. @see https://github.com/kubernetes-sigs/aws-iam-authenticator/issues/133
  [Unauthorized, isTokenRefused, tokenRefused],
  [
    // A server that was just restarted has not read its RBAC rules yet.
    RightRefused,
    isRightRefused,
    rightRefused,
  ],
  [Throttled, ({ status }) => status === 429, (f) => `${f.action}: ${quote(f)}`],
  [Conflict, ({ status }) => status === 409, (f) => `${f.action}: ${quote(f)}`],
  [
    ClusterUnreachable,
    isCertificateFailure,
    (f) =>
      "The Kubernetes API's certificate is not signed by the authority that EKS names for this cluster: check for a " +
      `proxy in between, or an endpoint of another cluster. ${quote(f)}`,
  ],
  [ServiceUnavailable, (f) => hasNoAnswer(f) || isServerFault(f), (f) => `${f.action} failed for now: ${quote(f)}`],
  [InvalidInput, () => true, (f) => `${f.action} was refused: ${quote(f)}`],
];

/** What they mean besides while nothing has been received from this endpoint. */
const NO_FIRST_CONTACT: readonly FailureRule[] = [
  [ClusterUnreachable, isTokenRefused, tokenRefused],
  [AccessDenied, isRightRefused, rightRefused],
  [
    ClusterUnreachable,
    (f) => hasNoAnswer(f) && !isCertificateFailure(f),
    (f) =>
      'The Kubernetes API does not answer: check that the endpoint EKS names is right, and reachable from here (a private ' +
      "endpoint needs the functions in the cluster's VPC, a public one this address in publicAccessCidrs). " +
      quote(f),
  ],
  [
    ClusterUnreachable,
    ({ status }) => status === 404,
    (f) => `What answers at the cluster's endpoint is not a Kubernetes API: check the endpoint. ${quote(f)}`,
  ],
];

/** The error of the domain for a failure of the Kubernetes API; `isFirstContact` when there was no answer from it before. */
export const kubernetesError = (failure: ServiceFailure, isFirstContact = false, cause?: unknown): UpgradeError =>
  toUpgradeError(isFirstContact ? [...NO_FIRST_CONTACT, ...KUBERNETES_FAILURES] : KUBERNETES_FAILURES, failure, cause);

/** The code of a socket error, also of one inside an AggregateError (every address of a name refused). */
export function networkCode(thrown: unknown): string {
  const { code, name, errors } = thrown as { code?: unknown; name?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return networkCode(errors[0]);
  return typeof name === 'string' ? name : 'Error';
}
