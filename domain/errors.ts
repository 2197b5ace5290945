/**
 * Every error name the workflow knows, by what is done about it. The name is the contract: a step throws it, the state
 * machine's `ErrorEquals` reads it, the report prints it. EKS's own names where EKS has one.
 */
export const ERROR_NAMES = {
  /** Retried by the state machine. */
  transient: ['Throttled', 'ServiceUnavailable', 'Conflict'],
  /** Refused before anything was touched. */
  refused: [
    'InvalidInput',
    'ClusterNotFound',
    'NodegroupNotFound',
    'UnsupportedNodegroup',
    'AmiNotFound',
    'UpgradeInProgress',
    'AccessDenied',
    'ClusterUnreachable',
  ],
  /** One node's result: parked, tried again at the end. */
  node: ['PodEvictionFailure', 'NodeTerminationFailure'],
  /** The run recovers, then fails. */
  upgrade: ['NodeCreationFailure', 'AlarmTriggered', 'UpgradeCancelled', 'NotConverging'],
} as const;

export type ErrorName = (typeof ERROR_NAMES)[keyof typeof ERROR_NAMES][number];

/** Base of all errors a step throws on purpose. `name` is a literal in each class, because bundling mangles class names. */
export abstract class UpgradeError extends Error {
  abstract override readonly name: ErrorName;
}

/** The service refuses for now because of the request rate. */
export class Throttled extends UpgradeError {
  override readonly name = 'Throttled';
}
/** The service, or the way to it, failed in a way that passes. */
export class ServiceUnavailable extends UpgradeError {
  override readonly name = 'ServiceUnavailable';
}
/** Somebody else changed the same thing at the same time; look again. */
export class Conflict extends UpgradeError {
  override readonly name = 'Conflict';
}
/** The execution input, or what it asks for, cannot be carried out as written. */
export class InvalidInput extends UpgradeError {
  override readonly name = 'InvalidInput';
}
/** The AMI in use is none of AWS's, so it has no releases and no recommended successor; `InvalidInput` to everybody outside. */
export class UnpublishedAmi extends InvalidInput {}
/** No such EKS cluster in this account and region. */
export class ClusterNotFound extends UpgradeError {
  override readonly name = 'ClusterNotFound';
}
/** No such node group or Auto Scaling group. */
export class NodegroupNotFound extends UpgradeError {
  override readonly name = 'NodegroupNotFound';
}
/** The group exists, but is of a kind or in a state that cannot be upgraded safely. */
export class UnsupportedNodegroup extends UpgradeError {
  override readonly name = 'UnsupportedNodegroup';
}
/** The target AMI does not exist, is not usable, or nobody published one. */
export class AmiNotFound extends UpgradeError {
  override readonly name = 'AmiNotFound';
}
/** Another execution upgrades the same group. */
export class UpgradeInProgress extends UpgradeError {
  override readonly name = 'UpgradeInProgress';
}
/** IAM or RBAC refuses; the message says which right is missing. */
export class AccessDenied extends UpgradeError {
  override readonly name = 'AccessDenied';
}
/** The Kubernetes API cannot be reached, or does not accept who we are. */
export class ClusterUnreachable extends UpgradeError {
  override readonly name = 'ClusterUnreachable';
}
/** Pods could not be evicted in time; the message names each pod, what holds it and what to do. */
export class PodEvictionFailure extends UpgradeError {
  override readonly name = 'PodEvictionFailure';
}
/** The Auto Scaling group did not take the termination of a drained instance. */
export class NodeTerminationFailure extends UpgradeError {
  override readonly name = 'NodeTerminationFailure';
}
/** New nodes did not become Ready in time; the message carries the failed scaling activity. */
export class NodeCreationFailure extends UpgradeError {
  override readonly name = 'NodeCreationFailure';
}
/** A CloudWatch alarm of the input is in ALARM. */
export class AlarmTriggered extends UpgradeError {
  override readonly name = 'AlarmTriggered';
}
/** An operator asked for the run to stop. */
export class UpgradeCancelled extends UpgradeError {
  override readonly name = 'UpgradeCancelled';
}
/** Outdated nodes keep appearing: something launches them as fast as they are replaced. */
export class NotConverging extends UpgradeError {
  override readonly name = 'NotConverging';
}

/** All of them by name, to throw an error that was recorded earlier (in the control record, say). */
export const ERROR_CLASSES: Readonly<Record<ErrorName, new (message: string, options?: ErrorOptions) => UpgradeError>> =
  {
    Throttled,
    ServiceUnavailable,
    Conflict,
    InvalidInput,
    ClusterNotFound,
    NodegroupNotFound,
    UnsupportedNodegroup,
    AmiNotFound,
    UpgradeInProgress,
    AccessDenied,
    ClusterUnreachable,
    PodEvictionFailure,
    NodeTerminationFailure,
    NodeCreationFailure,
    AlarmTriggered,
    UpgradeCancelled,
    NotConverging,
  };
