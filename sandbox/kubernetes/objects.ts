/** Who owns an object. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** One writer of an object and the fields it owns. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly subresource?: string;
  /** RFC 3339 UTC. */
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

/** Metadata of any Kubernetes object, as it goes over the wire. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  /** RFC 3339 UTC, seconds. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly generateName?: string;
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** A Kubernetes object as stored: never changed in place, only replaced. The kinds in `kinds/` type its other fields. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  /** A server stores what clients send. */
  readonly [field: string]: unknown;
}

/** Metadata that a creator gives; the store adds what is missing. */
export type NewMetadata = Pick<ObjectMeta, 'name'> & Partial<ObjectMeta>;

/** An object before it is stored: the store adds uid, resourceVersion, creationTimestamp and generation. */
export type NewObject<Kind extends KubernetesObject = KubernetesObject> = {
  [Field in keyof Kind as Field extends 'metadata' ? never : Field]: Kind[Field];
} & { readonly metadata: NewMetadata };
