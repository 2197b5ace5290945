import { type AccessRequest, type Authorize, denialText, type User } from './access.ts';
import { isJsonObject, type JsonObject } from './patch/json-value.ts';
import { type ResourceDefinition, verbsOf } from './resources.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function readRequest(attributes: JsonObject): AccessRequest {
  return {
    verb: text(attributes.verb),
    group: text(attributes.group),
    resource: text(attributes.resource),
    subresource: text(attributes.subresource),
    namespace: text(attributes.namespace) || undefined,
    name: text(attributes.name) || undefined,
  };
}

function accessStatus(user: User, spec: JsonObject, authorize: Authorize): JsonObject {
  // Paths that name no resource (version, health, discovery) are open to every authenticated user.
  if (!isJsonObject(spec.resourceAttributes)) return { allowed: isJsonObject(spec.nonResourceAttributes) };
  const request = readRequest(spec.resourceAttributes);
  const allowed = authorize(user, request);
  return allowed ? { allowed, reason: 'RBAC: allowed' } : { allowed, reason: denialText(user, request) };
}

function rulesStatus(
  resources: readonly ResourceDefinition[],
  user: User,
  namespace: string,
  authorize: Authorize,
): JsonObject {
  const resourceRules = resources.flatMap((definition) =>
    ['', ...definition.subresources].flatMap((subresource) => {
      const verbs = (subresource === '' ? verbsOf(definition) : ['create', 'get', 'patch', 'update']).filter((verb) =>
        authorize(user, {
          verb,
          group: definition.group,
          resource: definition.resource,
          subresource,
          namespace,
          name: undefined,
        }),
      );
      const resource = subresource === '' ? definition.resource : `${definition.resource}/${subresource}`;
      return verbs.length === 0 ? [] : [{ verbs, apiGroups: [definition.group], resources: [resource] }];
    }),
  );
  return { resourceRules, nonResourceRules: [], incomplete: false };
}

/**
 * Answer a question about who somebody is or what they may do.
 *
 * @param kind of the review
 * @param resources everything that is served
 */
export function answerReview(
  kind: string,
  resources: readonly ResourceDefinition[],
  user: User,
  body: JsonObject | undefined,
  authorize: Authorize,
): JsonObject {
  const spec = isJsonObject(body?.spec) ? body.spec : {};
  switch (kind) {
    case 'SelfSubjectReview':
      return { status: { userInfo: { username: user.username, groups: user.groups } } };
    case 'SelfSubjectRulesReview':
      return { spec, status: rulesStatus(resources, user, text(spec.namespace) || 'default', authorize) };
    case 'SubjectAccessReview': {
      const subject = { username: text(spec.user), groups: Array.isArray(spec.groups) ? spec.groups.map(text) : [] };
      return { spec, status: accessStatus(subject, spec, authorize) };
    }
    default:
      return { spec, status: accessStatus(user, spec, authorize) };
  }
}
