import { InvalidInput } from '../errors.ts';
import type { GroupNode } from '../nodegroup/nodegroup.ts';
import { enumeration } from '../text.ts';
import type { Node } from '../types.ts';

/** The nodes that `nodes` of the input names, as they were found. */
export interface Scope {
  readonly instanceIds: readonly string[];
  /** Names that no member of the group has now: such a node counts as done. */
  readonly gone: readonly string[];
}

const MOST_NAMES_SAID = 5;

/** Names in a sentence: the first five, and how many more there are. */
export const someOf = (names: readonly string[]): string =>
  enumeration(
    names.length > MOST_NAMES_SAID
      ? [...names.slice(0, MOST_NAMES_SAID), `${names.length - MOST_NAMES_SAID} more`]
      : names,
  );

const isInstanceId = (name: string): boolean => /^i-[0-9a-f]+$/.test(name);

const memberOf = (name: string, members: readonly GroupNode[]): GroupNode | undefined =>
  members.find(({ instanceId, node }) => instanceId === name || node?.name === name);

/** Instance ids among the names, when no name is that of a member: each may be one that has left the group. */
export function possiblyDeparted(
  names: readonly string[],
  instances: readonly Pick<GroupNode, 'instanceId'>[],
  nodes: readonly Node[],
): string[] {
  const ids = new Set(instances.map(({ instanceId }) => instanceId));
  const members = nodes.filter(({ instanceId }) => instanceId !== undefined && ids.has(instanceId));
  const present = new Set([...ids, ...members.map(({ name }) => name)]);
  return names.some((name) => present.has(name)) ? [] : names.filter(isInstanceId);
}

/**
 * Resolve names of nodes to instance ids.
 *
 * @param names instance ids, or names of Nodes
 * @param departed instance ids that the group has had, as its scaling activities tell
 */
export function resolveScope(
  names: readonly string[],
  members: readonly GroupNode[],
  departed: readonly string[],
): Scope {
  const found = names.map((name) => ({ name, instanceId: memberOf(name, members)?.instanceId }));
  const gone = found.flatMap(({ name, instanceId }) => (instanceId === undefined ? [name] : []));
  const present = found.flatMap(({ instanceId }) => instanceId ?? []);
  return { instanceIds: [...new Set([...present, ...departed])], gone };
}

/** Why a scope is refused: none of its names was ever in the group. Undefined when one was. */
export const scopeRefusal = ({ instanceIds, gone }: Scope, groupName: string): InvalidInput | undefined =>
  instanceIds.length > 0
    ? undefined
    : new InvalidInput(
        `"nodes" names ${someOf(gone)}, but ${groupName} has no such ${gone.length === 1 ? 'node' : 'nodes'}: name instance ids or nodes of this group`,
      );
