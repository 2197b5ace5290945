import { parseAllDocuments } from 'yaml';
import type { AccessRequest, Authorize } from './api/access.ts';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  /** Plural names, `resource/subresource` for subresources. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  /** Of a Role; a rule without one holds everywhere. */
  readonly namespace?: string;
}

/** What somebody may not do although the rules say so; `resource` may name a subresource. */
export interface DeniedRule {
  readonly verb: string;
  readonly resource: string;
}

/** What `createAuthorizer` needs. */
export interface AuthorizerOptions {
  /** Rules of each group. */
  readonly rulesByGroup: Readonly<Record<string, readonly PolicyRule[]>>;
  /** Rules of users by name, which `deniedRules` does not take from them. */
  readonly rulesByUser?: Readonly<Record<string, readonly PolicyRule[]>>;
  /** Taken from every group but the admins'. */
  readonly deniedRules?: readonly DeniedRule[];
}

/** Its members may do anything. */
export const ADMIN_GROUP = 'system:masters';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
}

const includes = (values: readonly string[], value: string) => values.includes('*') || values.includes(value);

const qualifiedResource = ({ resource, subresource }: AccessRequest) =>
  subresource === '' ? resource : `${resource}/${subresource}`;

const allows = (rule: PolicyRule, request: AccessRequest): boolean =>
  includes(rule.verbs, request.verb) &&
  includes(rule.apiGroups, request.group) &&
  includes(rule.resources, qualifiedResource(request)) &&
  (rule.namespace === undefined || rule.namespace === request.namespace) &&
  (rule.resourceNames === undefined || (request.name !== undefined && rule.resourceNames.includes(request.name)));

/** Manifests by their text: every world of a process has the same. */
const manifestsByText = new Map<string, readonly Manifest[]>();

function readManifests(yaml: string): readonly Manifest[] {
  const known = manifestsByText.get(yaml);
  if (known !== undefined) return known;
  const manifests = parseAllDocuments(yaml)
    .map((document): Manifest | null => document.toJS())
    .filter((manifest): manifest is Manifest => manifest !== null);
  manifestsByText.set(yaml, manifests);
  return manifests;
}

/**
 * Read from RBAC manifests what a group may do.
 *
 * @param yaml any number of documents; Roles, ClusterRoles and their bindings are read, others ignored
 */
export function rulesOfGroup(yaml: string, group: string): readonly PolicyRule[] {
  const manifests = readManifests(yaml);
  const bindings = manifests.filter(
    ({ kind, subjects = [] }) =>
      kind.endsWith('RoleBinding') && subjects.some((subject) => subject.kind === 'Group' && subject.name === group),
  );
  return bindings.flatMap(({ metadata: { namespace }, roleRef }) => {
    const roles = manifests.filter(
      ({ kind, metadata }) =>
        kind === roleRef?.kind &&
        metadata.name === roleRef.name &&
        (kind === 'ClusterRole' || metadata.namespace === namespace),
    );
    return roles.flatMap(({ rules = [] }) =>
      rules.map((rule) => (namespace === undefined ? rule : { ...rule, namespace })),
    );
  });
}

/** Read from manifests the names of the namespaces that they create. */
export const namespacesOf = (yaml: string): string[] =>
  readManifests(yaml).flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : []));

/** Create an RBAC authorizer: the admin may do anything, everybody else what the rules of their groups or name say. */
export function createAuthorizer({ rulesByGroup, rulesByUser = {}, deniedRules = [] }: AuthorizerOptions): Authorize {
  return ({ username, groups }, request) => {
    if (groups.includes(ADMIN_GROUP)) return true;
    if (rulesByUser[username]?.some((rule) => allows(rule, request))) return true;
    const isDenied = deniedRules.some(
      ({ verb, resource }) => includes([verb], request.verb) && includes([resource], qualifiedResource(request)),
    );
    return !isDenied && groups.some((group) => (rulesByGroup[group] ?? []).some((rule) => allows(rule, request)));
  };
}
