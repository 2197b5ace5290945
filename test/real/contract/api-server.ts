/** An answer of an API server, read to its end. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body read as JSON; text that is none is left as it is. */
  // biome-ignore lint/suspicious/noExplicitAny: behaviours look into answers of every shape
  readonly json: any;
}

/** What a request carries besides its method and target. */
export interface Sent {
  /** Default: the administrator's. */
  readonly token?: string;
  /** Anything but text is sent as JSON. */
  readonly body?: unknown;
  /** Content-Type; default `application/json`. */
  readonly type?: string;
  readonly accept?: string;
  /** Accept-Encoding; the answer is unpacked, and its headers say how it came. */
  readonly encoding?: string;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  readonly object: any;
}

/** A watch under way: what it has said so far, and whether the server has ended it. */
export interface Watch {
  readonly status: number;
  readonly events: readonly WatchEvent[];
  readonly hasEnded: boolean;
  close(): void;
}

export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** A webhook that every eviction of a namespace is sent to. */
export interface EvictionWebhook {
  readonly name: string;
  /** `fails`: nobody listens. */
  readonly answer: 'denies' | 'fails' | 'hangs';
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Default 10. */
  readonly timeoutSeconds?: number;
}

/** A ValidatingAdmissionPolicy that refuses every eviction of a namespace; it and its binding are named as that. */
export interface EvictionPolicy {
  readonly message: string;
  readonly reason?: string;
}

/** A user of the cluster, as the API server identifies them. */
export interface KnownUser {
  readonly token: string;
  readonly username: string;
}

/**
 * One Kubernetes API server with its controllers, scheduler and kubelets, simulated or real.
 *
 * The behaviours of the contract use nothing else, so that they are the same for both.
 */
export interface ApiServer {
  /** Every right. */
  readonly admin: KnownUser;
  /** The rights of kubernetes/rbac.yaml, by its group. */
  readonly workflow: KnownUser;
  /** Known, without a right. */
  readonly stranger: KnownUser;
  /** @param target percent-encoded path, with the query */
  request(method: string, target: string, sent?: Sent): Promise<Answer>;
  watch(target: string, sent?: Sent): Promise<Watch>;
  /** Bring up a machine that registers as a Ready node with these labels. */
  addNode(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Let the cluster work until a check holds, and give what it found.
   *
   * @param check asked again and again until it gives something else than `undefined` or `false`
   * @throws Error naming `what` when that takes too long
   */
  waitFor<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T>;
  /** Let the cluster work for this long: something must *not* happen meanwhile. */
  letPass(seconds: number): Promise<void>;
  /** Do something while the server has no place left for evictions by the workflow in a namespace. */
  whileOverloaded<T>(namespace: string, act: () => Promise<T>): Promise<T>;
  /** Do something while somebody changes a budget whenever the server is about to take a disruption from it. */
  whileContended<T>(budget: NamespacedName, act: () => Promise<T>): Promise<T>;
  /** Do something while a webhook decides about the evictions in a namespace. */
  whileWebhook<T>(namespace: string, webhook: EvictionWebhook, act: () => Promise<T>): Promise<T>;
  /** Do something while a policy refuses the evictions in a namespace. */
  whilePolicy<T>(namespace: string, policy: EvictionPolicy, act: () => Promise<T>): Promise<T>;
  /** A version so old that the events after it were compacted. */
  forgottenVersion(): Promise<string>;
  /** Make open continue tokens expire. */
  expireContinueTokens(): Promise<void>;
  stop(): Promise<void>;
}
