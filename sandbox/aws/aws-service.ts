import type { Members } from './input-shapes.ts';

/** The caller and the region, from the signature of a request. */
export interface CallContext {
  /** Access key id of the request's credentials. */
  readonly caller: string;
  readonly region: string;
  readonly accountId: string;
}

/** How a service looks on the wire. */
export interface ServiceApi {
  readonly protocol: 'ec2-query' | 'aws-query' | 'aws-json' | 'rest-json';
  /** Query protocols: the API version, as in the `Version` parameter. */
  readonly version?: string;
  /** Query protocols: namespace of the answer. */
  readonly xmlNamespace?: string;
  /** AWS JSON: what stands before the dot in X-Amz-Target. */
  readonly targetPrefix?: string;
  /** REST-JSON: method and path of each action, e.g. `GET /clusters/{name}`. */
  readonly routes?: Readonly<Record<string, string>>;
  /** EC2 query: element names that are not the member's own with a small first letter, by `Parent.Member` or `Member`. */
  readonly elementNames?: Readonly<Record<string, string>>;
  /** Members of each action's input. */
  readonly inputs: Readonly<Record<string, Members>>;
}

/**
 * One simulated service, free of any wire protocol: plain objects with the member names of the AWS API go in and come out.
 *
 * Instants are `Date`s; each protocol has its own format for them.
 */
export interface AwsService {
  /** As in the credential scope of a signature, e.g. `autoscaling`. */
  readonly name: string;
  /** For a service that speaks AWS JSON 1.0 and declares no `api`: what stands before the dot in X-Amz-Target. */
  readonly targetPrefix?: string;
  readonly api?: ServiceApi;
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
