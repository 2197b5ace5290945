import type { Route } from './route.ts';

/** Who a request comes from. */
export interface User {
  readonly username: string;
  readonly groups: readonly string[];
}

/** What a user wants to do, in the words of RBAC. */
export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  /** Plural; empty for a path that names no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Find out who sends a request; `undefined` is answered 401 Unauthorized. Header names are lower-case. */
export type Authenticate = (headers: Readonly<Record<string, string>>) => User | undefined;

/** Decide whether a user may do something; `false` is answered 403 Forbidden. */
export type Authorize = (user: User, request: AccessRequest) => boolean;

/** What RBAC is asked about a routed request. */
export const accessRequest = ({ definition, verb, subresource, namespace, name }: Route): AccessRequest => ({
  verb,
  group: definition.group,
  resource: definition.resource,
  subresource: subresource ?? '',
  namespace: definition.stored === 'namespaces' ? name : namespace,
  name,
});

/** Say why a request is refused, as RBAC does. */
export function denialText(
  { username }: User,
  { verb, group, resource, subresource, namespace }: AccessRequest,
): string {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `User "${username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}
