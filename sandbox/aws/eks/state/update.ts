/** What went wrong with an update. */
export interface UpdateError {
  readonly errorCode:
    | 'AccessDenied'
    | 'ClusterUnreachable'
    | 'InsufficientFreeAddresses'
    | 'NodeCreationFailure'
    | 'PodEvictionFailure'
    | 'Unknown';
  readonly errorMessage: string;
  readonly resourceIds: readonly string[];
}

/** An update of a managed node group. */
export interface Update {
  /** UUID. */
  readonly id: string;
  readonly type: 'VersionUpdate' | 'ConfigUpdate';
  readonly params: readonly { readonly type: string; readonly value: string }[];
  readonly createdAt: number;
  status: 'InProgress' | 'Failed' | 'Successful';
  errors: readonly UpdateError[];
}

/** Ends an update; DescribeUpdate shows its error. */
export class UpdateFailure extends Error {
  override readonly name = 'UpdateFailure';
  readonly error: UpdateError;

  constructor(errorCode: UpdateError['errorCode'], errorMessage: string, resourceIds: readonly string[] = []) {
    super(errorMessage);
    this.error = { errorCode, errorMessage, resourceIds };
  }
}

/** The error of whatever ended an update. */
export const errorOf = (thrown: unknown): UpdateError =>
  thrown instanceof UpdateFailure
    ? thrown.error
    : {
        errorCode: 'Unknown',
        errorMessage: thrown instanceof Error ? thrown.message : String(thrown),
        resourceIds: [],
      };
