import type { KubernetesObject } from '../objects.ts';
import { failures } from './failures.ts';
import type { ResourceDefinition } from './resources.ts';

/** Which object exactly a client means. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/**
 * Refuse to delete or evict another object than the client means.
 *
 * @throws ApiFailure 409
 */
export function checkPreconditions(
  { group, kind }: ResourceDefinition,
  { metadata }: KubernetesObject,
  { uid, resourceVersion }: Preconditions = {},
): void {
  // kube-apiserver names the kind here where everything else names the resource.
  const of = { group, resource: kind };
  if (uid !== undefined && uid !== metadata.uid)
    throw failures.conflict(
      of,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw failures.conflict(
      of,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
}

/**
 * Refuse a write that was prepared from an older version of the object.
 *
 * @throws ApiFailure 409
 */
export function checkVersion(definition: ResourceDefinition, current: KubernetesObject, sent: KubernetesObject): void {
  const { uid, resourceVersion } = sent.metadata;
  if (uid && uid !== current.metadata.uid)
    throw failures.conflict(
      definition,
      current.metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
    );
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== current.metadata.resourceVersion)
    throw failures.conflict(definition, current.metadata.name, MODIFIED);
}
