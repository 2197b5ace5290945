import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Node, NodeIdentity, NodePatch } from '../../domain/types.ts';

/** An operation of RFC 6902. */
interface Operation {
  readonly op: 'test' | 'add' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** The maps of a node that a patch has keys for. */
type KeyedMap = 'labels' | 'annotations';
const MAPS: readonly KeyedMap[] = ['labels', 'annotations'];

/** A patch without identity: the server merges it into whatever node has the name. */
export const toMergePatch = ({ labels, annotations, taints, unschedulable, resourceVersion }: NodePatch) => ({
  metadata: omitUndefined({ labels, annotations, resourceVersion }),
  spec: omitUndefined({ taints, unschedulable }),
});

/** A token of a JSON pointer. @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
const escaped = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');

const test = (path: string, value: unknown): Operation[] => (value === undefined ? [] : [{ op: 'test', path, value }]);
const set = (path: string, value: unknown): Operation[] => (value === undefined ? [] : [{ op: 'add', path, value }]);

/** A key is added before it is removed: the server refuses to remove one that is not there. */
const setKey = (path: string, value: string | null): Operation[] =>
  value === null
    ? [
        { op: 'add', path, value: '' },
        { op: 'remove', path },
      ]
    : set(path, value);

/**
 * Write a patch as JSON Patch whose first operations test that the node is the one that is meant.
 *
 * @param missing maps that the node does not have; the server refuses to add a key to a map that is not there
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function toJsonPatch(
  identity: NodeIdentity,
  { resourceVersion, annotationsBefore = {}, taints, unschedulable, ...maps }: NodePatch,
  missing: readonly KeyedMap[] = [],
): Operation[] {
  return [
    ...test('/metadata/uid', identity.uid),
    ...test('/spec/providerID', identity.providerId),
    ...test('/metadata/resourceVersion', resourceVersion),
    ...Object.entries(annotationsBefore).flatMap(([key, value]) =>
      test(`/metadata/annotations/${escaped(key)}`, value),
    ),
    ...missing.flatMap((map) => set(`/metadata/${map}`, {})),
    ...MAPS.flatMap((map) =>
      Object.entries(maps[map] ?? {}).flatMap(([key, value]) => setKey(`/metadata/${map}/${escaped(key)}`, value)),
    ),
    ...set('/spec/taints', taints),
    ...set('/spec/unschedulable', unschedulable),
  ];
}

/** The maps that a patch has keys for and the node does not have: the API server leaves empty ones out. */
export const missingMaps = (node: Node, patch: NodePatch): KeyedMap[] =>
  MAPS.filter((map) => Object.keys(patch[map] ?? {}).length > 0 && Object.keys(node[map]).length === 0);
