/** Who is at fault, as the wire protocols and the SDKs' retry rules see it. */
export type AwsFault = 'client' | 'server';

/** An error that a simulated AWS service answers with; each protocol writes it in its own shape. */
export interface AwsError extends Error {
  /** The code on the wire, e.g. `ValidationError` or `InvalidAMIID.NotFound`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  readonly fault: AwsFault;
  /** Further members of the error's shape, e.g. `clusterName` of EKS's ResourceNotFoundException. */
  readonly members: Readonly<Record<string, unknown>>;
}

const CONNECTION_LOST = 'sandbox.ConnectionLost';

/**
 * Create an error for a service to throw.
 *
 * @param code    the code on the wire
 * @param message the text that the real service gives
 * @param options HTTP `status` (default 400, or 500 with `fault: 'server'`), and further `members` of the error's shape
 */
export function awsError(
  code: string,
  message: string,
  {
    fault = 'client',
    status = fault === 'server' ? 500 : 400,
    members = {},
  }: { status?: number; fault?: AwsFault; members?: Readonly<Record<string, unknown>> } = {},
): AwsError {
  return Object.assign(new Error(message), { name: code, code, status, fault, members });
}

/** Whether something thrown came from `awsError`. */
export const isAwsError = (thrown: unknown): thrown is AwsError =>
  thrown instanceof Error && 'code' in thrown && 'status' in thrown && 'fault' in thrown && 'members' in thrown;

/**
 * Create what a handler throws in place of an answer when the client must see its connection break.
 *
 * A transport over sockets destroys the socket; a transport in process rejects.
 */
export const connectionLost = (): Error =>
  Object.assign(new Error('socket hang up'), { name: CONNECTION_LOST, code: 'ECONNRESET' });

/** Whether something thrown came from `connectionLost`. */
export const isConnectionLost = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === CONNECTION_LOST;
