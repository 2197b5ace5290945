import { truncateToSentence } from './text.ts';

/**
 * All error names of the workflow, by what is done about them. The name is the contract: a step throws it, the state
 * machine's `ErrorEquals` reads it, the report prints it. EKS's own names where EKS has one.
 */
export const ERROR_NAMES = {
  /** Retried by the state machine. */
  transient: ['Throttled', 'ServiceUnavailable', 'Conflict', 'Unauthorized'],
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
  /** The run fails at once and touches nothing more: the group is somebody else's now. */
  lock: ['LockLost'],
} as const;

/**
 * The JSON that Lambda makes of an error may have 32,768 characters, of which a quotation mark takes two, and it goes into the state
 * beside everything else.
 */
const MOST_MESSAGE_CHARACTERS = 8_000;

export type ErrorName = (typeof ERROR_NAMES)[keyof typeof ERROR_NAMES][number];

/** Base of every error that a step throws on purpose. `name` is a literal in each class, because bundling mangles class names. */
export abstract class UpgradeError extends Error {
  abstract override readonly name: ErrorName;

  /** @param message cut where Step Functions would cut the JSON around it */
  constructor(message?: string, options?: ErrorOptions) {
    super(truncateToSentence(message ?? '', MOST_MESSAGE_CHARACTERS), options);
  }
}

/** The service refuses for now because of the request rate. */
export class Throttled extends UpgradeError {
  override readonly name = 'Throttled';
}
/** The service, or the network to it, failed for a while. */
export class ServiceUnavailable extends UpgradeError {
  override readonly name = 'ServiceUnavailable';
}
/** Another client changed the same object at the same time; read it again. */
export class Conflict extends UpgradeError {
  override readonly name = 'Conflict';
}
/** The Kubernetes API does not accept for now what it has accepted before: a token, or a right. */
export class Unauthorized extends UpgradeError {
  override readonly name = 'Unauthorized';
}
/** RBAC refuses: a right that is not read yet after a restart or, where nothing was allowed before, one that is missing. */
export class RightRefused extends Unauthorized {}
/** The execution input, or what it asks for, cannot be carried out as written. */
export class InvalidInput extends UpgradeError {
  override readonly name = 'InvalidInput';
}
/** The AMI in use is not published by AWS, so it has no releases and no recommended successor; reported as `InvalidInput`. */
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
/** The target AMI does not exist, cannot be used, or was never published. */
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
/** The Kubernetes API cannot be reached, or does not accept our role. */
export class ClusterUnreachable extends UpgradeError {
  override readonly name = 'ClusterUnreachable';
}
/** Pods could not be evicted in time; the message names each pod, what blocks it and what to do. */
export class PodEvictionFailure extends UpgradeError {
  override readonly name = 'PodEvictionFailure';
}
/** The Auto Scaling group did not terminate the instance of a drained node. */
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
/** An operator cancelled the run. */
export class UpgradeCancelled extends UpgradeError {
  override readonly name = 'UpgradeCancelled';
}
/** The run makes no progress any more: outdated nodes keep appearing, or a rule that is named lets none be taken. */
export class NotConverging extends UpgradeError {
  override readonly name = 'NotConverging';
}
/** Another run holds the group's Lease: this one has been replaced. */
export class LockLost extends UpgradeError {
  override readonly name = 'LockLost';
}

/** What each error tells an operator: what happened, and what to do. Source of docs/errors.md. */
export const ERROR_GUIDE: Readonly<Record<ErrorName, { readonly whatHappened: string; readonly whatToDo: string }>> = {
  Throttled: {
    whatHappened: 'A service refused a request because there were too many, also after every retry.',
    whatToDo: 'Start again with the same input.',
  },
  ServiceUnavailable: {
    whatHappened: 'A service, or the network to it, failed, also after every retry.',
    whatToDo: 'Check the health of the service, then start again with the same input.',
  },
  Conflict: {
    whatHappened: 'Another client kept changing the same object at the same time.',
    whatToDo: 'Find that client if it happens again; start again with the same input.',
  },
  Unauthorized: {
    whatHappened:
      'The Kubernetes API refused a token or a right that it had accepted when the run was planned, also after every retry.',
    whatToDo:
      'Check the access entries and the RBAC manifests: the message says what was refused. Then start again with the same input.',
  },
  InvalidInput: {
    whatHappened: 'The execution input, or what it asks for, cannot be carried out as written.',
    whatToDo: 'Correct what the message names.',
  },
  ClusterNotFound: {
    whatHappened: 'There is no such EKS cluster in this account and region.',
    whatToDo: 'Check the name and the region.',
  },
  NodegroupNotFound: {
    whatHappened: 'There is no such node group or Auto Scaling group.',
    whatToDo: 'Check the name, the cluster and the region.',
  },
  UnsupportedNodegroup: {
    whatHappened:
      'The group cannot be upgraded safely: it uses a launch configuration, weights, a warm pool or a suspended process, or it is being updated.',
    whatToDo: 'The message says which it is, and how to change it.',
  },
  AmiNotFound: {
    whatHappened:
      'The target AMI does not exist, is not shared with this account, or AWS publishes none for this Kubernetes version and AMI type.',
    whatToDo: 'Name another `target` or `amiType`.',
  },
  UpgradeInProgress: {
    whatHappened: 'Another execution upgrades this group, or EKS is carrying out an update with another target.',
    whatToDo: 'Wait until it ends, or cancel it. An update of EKS cannot be cancelled.',
  },
  AccessDenied: {
    whatHappened: 'IAM or Kubernetes RBAC refused a request.',
    whatToDo: 'Grant the right that the message names: see [deploy.md](deploy.md#permissions).',
  },
  ClusterUnreachable: {
    whatHappened: 'The Kubernetes API does not answer, or does not accept the role of the function.',
    whatToDo:
      'Check the network (a private endpoint needs the VPC settings) and the access entries: see [deploy.md](deploy.md#access-to-the-cluster).',
  },
  PodEvictionFailure: {
    whatHappened:
      'Pods could not be evicted in time, also at the second attempt. The message lists each pod, what blocks it, for how long, and what to do.',
    whatToDo:
      'Relax the budget, add replicas or repair the pods, then start again. Or use `"force": true`, which deletes them.',
  },
  NodeTerminationFailure: {
    whatHappened: 'The Auto Scaling group did not terminate the instance of a drained node.',
    whatToDo: 'Check the activities of the group, then start again.',
  },
  NodeCreationFailure: {
    whatHappened: 'New nodes did not become Ready in time. The message quotes the failed scaling activity.',
    whatToDo: 'Check capacity, quotas, the AMI and the user data, then start again.',
  },
  AlarmTriggered: {
    whatHappened: 'A CloudWatch alarm of the input is in ALARM.',
    whatToDo: 'Find the cause of the alarm, then start again.',
  },
  UpgradeCancelled: {
    whatHappened: 'An operator cancelled the run.',
    whatToDo: 'Start again with the same input to continue.',
  },
  NotConverging: {
    whatHappened:
      'The run makes no progress: outdated nodes keep appearing, somebody else keeps taking extra nodes back or has started an instance refresh, or no node could be taken for a long time; the message names the rule. Or EKS ended its update with an error of its own, which the message quotes.',
    whatToDo:
      'Find who changes the group, what launches nodes from the old template, or what keeps nodes from becoming Ready; or act on the error that EKS names. Then start again.',
  },
  LockLost: {
    whatHappened:
      'Another run has taken over the Lease of the group. This one stopped and changed nothing more, not even to clean up.',
    whatToDo: 'Follow the run that the message names: it finishes the upgrade and cleans up.',
  },
};

/** Every error class by name, to throw an error that was recorded earlier, such as in the control record. */
export const ERROR_CLASSES: Readonly<Record<ErrorName, new (message: string, options?: ErrorOptions) => UpgradeError>> =
  {
    Throttled,
    ServiceUnavailable,
    Conflict,
    Unauthorized,
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
    LockLost,
  };

/** True for an error that passes by itself, so that whoever meets it asks again. */
export const isTransient = (thrown: unknown): boolean =>
  thrown instanceof UpgradeError && ERROR_NAMES.transient.some((name) => name === thrown.name);
