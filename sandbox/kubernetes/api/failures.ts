/** A reason for one field, or one budget, within a failure. */
export interface StatusCause {
  /** Left out when there is only a message. */
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

/** The `Status` object every refused request is answered with. */
export interface FailureStatus {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, never>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
}

/** A request the API server refuses; carries the answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: FailureStatus;

  constructor(status: FailureStatus) {
    super(status.message);
    this.status = status;
  }
}

/** A resource as failures name it: `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** One wrong field of an object. */
export interface FieldError {
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueNotSupported';
  readonly field: string;
  readonly message: string;
}

const qualified = ({ group, resource }: GroupResource) => (group === '' ? resource : `${resource}.${group}`);

const failure = (
  code: number,
  reason: string | undefined,
  message: string,
  details?: FailureStatus['details'],
): ApiFailure =>
  new ApiFailure({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });

const detailsOf = ({ group, resource }: GroupResource, name: string) => ({
  ...(name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  kind: resource,
});

/**
 * Build the failures of kube-apiserver, with its texts.
 *
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/api/errors/errors.go
 */
export const failures = {
  badRequest: (message: string) => failure(400, 'BadRequest', message),
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),
  forbidden: (of: GroupResource, name: string, why: string, causes?: readonly StatusCause[]) =>
    failure(403, 'Forbidden', `${qualified(of)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, {
      ...detailsOf(of, name),
      ...(causes === undefined ? {} : { causes }),
    }),
  forbiddenPath: (userName: string, verb: string, path: string) =>
    failure(403, 'Forbidden', `forbidden: User "${userName}" cannot ${verb} path "${path}"`, {}),
  notFound: (of: GroupResource, name: string) =>
    failure(404, 'NotFound', `${qualified(of)} "${name}" not found`, detailsOf(of, name)),
  unknownPath: () => failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  methodNotAllowed: (of: GroupResource, verb: string) =>
    failure(
      405,
      'MethodNotAllowed',
      `${verb} is not supported on resources of kind "${qualified(of)}"`,
      detailsOf(of, ''),
    ),
  notAcceptable: (accepted: readonly string[]) =>
    failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`),
  alreadyExists: (of: GroupResource, name: string) =>
    failure(409, 'AlreadyExists', `${qualified(of)} "${name}" already exists`, detailsOf(of, name)),
  conflict: (of: GroupResource, name: string, why: string) =>
    failure(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`,
      detailsOf(of, name),
    ),
  applyConflict: (message: string, causes: readonly StatusCause[]) => failure(409, 'Conflict', message, { causes }),
  expired: (message: string) => failure(410, 'Expired', message),
  bodyTooLarge: (bytes: number) => failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bytes}`),
  tooManyOperations: (most: number, given: number) =>
    failure(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${most}, got ${given}`,
    ),
  unsupportedMediaType: (accepted: readonly string[]) =>
    failure(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    ),
  /** No route takes such a body, so no handler names the types it would. */
  unknownPatchType: () => failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}),
  unreadableProtobuf: (what: string) =>
    failure(415, 'UnsupportedMediaType', `${what} cannot be read from protobuf here; send application/json instead`),
  invalid: (group: string, kind: string, name: string, errors: readonly FieldError[]) => {
    const texts = errors.map((error) => `${error.field}: ${error.message}`);
    const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
    return failure(422, 'Invalid', `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${list}`, {
      name,
      ...(group === '' ? {} : { group }),
      kind,
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    });
  },
  unprocessable: (message: string) => failure(422, 'Invalid', message, {}),
  tooManyRequests: (message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]) =>
    failure(429, 'TooManyRequests', message, {
      ...(causes === undefined ? {} : { causes }),
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    }),
  /** The one failure without a reason: the eviction handler fills it in by hand. */
  severalBudgets: () =>
    failure(
      500,
      undefined,
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    ),
  internal: (message: string) =>
    failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }),
  futureVersion: (asked: number, latest: number) =>
    failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${latest}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),
};
