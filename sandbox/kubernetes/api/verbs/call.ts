import type { SandboxRequest } from '../../../server/http.ts';
import type { KubernetesObject } from '../../objects.ts';
import type { Authorize, User } from '../access.ts';
import type { ApiContext } from '../context.ts';
import type { CreateObject } from '../create.ts';
import { failures } from '../failures.ts';
import type { ListObjects } from '../list.ts';
import type { Route } from '../route.ts';
import type { WatchObjects } from '../watch.ts';

/** What the handlers of all verbs work with. */
export interface VerbContext extends ApiContext {
  readonly authorize: Authorize;
  readonly createObject: CreateObject;
  readonly listObjects: ListObjects;
  readonly watchObjects: WatchObjects;
}

/** A request about a resource, of a user who is authenticated and authorized. */
export interface Call {
  readonly route: Route;
  readonly request: SandboxRequest;
  readonly user: User;
}

/**
 * Find the object that a request names.
 *
 * @throws ApiFailure 404
 */
export function findObject({ store }: ApiContext, { definition, namespace, name = '' }: Route): KubernetesObject {
  const object = store.get(definition.stored, namespace, name);
  if (object === undefined) throw failures.notFound(definition, name);
  return object;
}
