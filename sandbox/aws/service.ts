/** Who calls, and where: what the request's signature says. */
export interface CallContext {
  /** Access key id of the request's credentials. */
  readonly caller: string;
  readonly region: string;
  readonly accountId: string;
}

/**
 * One simulated service, free of any wire protocol: plain objects with the member names of the AWS API go in and come out.
 *
 * Instants in an answer are `Date`s; each protocol prints them in its own format.
 */
export interface AwsService {
  /** As in the credential scope of a signature, e.g. `autoscaling`. */
  readonly name: string;
  /** For services that speak AWS JSON 1.0: what stands before the dot in X-Amz-Target. */
  readonly targetPrefix?: string;
  /**
   * Carry out one action.
   *
   * @throws AwsError
   */
  dispatch(
    action: string,
    input: Record<string, unknown>,
    context: CallContext,
  ): Promise<Record<string, unknown>> | Record<string, unknown>;
}
