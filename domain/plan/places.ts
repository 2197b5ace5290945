import { meets } from '../label-requirements.ts';
import type { LabelRequirement, Pod } from '../types.ts';
import type { PlanFacts } from './facts.ts';

/** Labels of a node, or of one that will be launched; its name is under the key of `matchFields`. */
type Labels = Readonly<Record<string, string>>;

const NAME_FIELD = 'metadata.name';
const ZONE = 'topology.kubernetes.io/zone';
/** Labels that no other node has. */
const OF_ONE_NODE = new Set(['kubernetes.io/hostname', 'alpha.eksctl.io/instance-id']);

/** What every node of the group has, and so a new one will have. */
function commonLabels(nodes: readonly { readonly labels: Labels }[]): Labels {
  const [first, ...others] = nodes;
  const common = Object.entries(first?.labels ?? {}).filter(
    ([key, value]) => !OF_ONE_NODE.has(key) && others.every(({ labels }) => labels[key] === value),
  );
  return Object.fromEntries(common);
}

/** Where pods can go: the nodes that stay, and a new node of the group in each of its zones. */
export function placesLeft({ nodes, members, group }: PlanFacts): Labels[] {
  const own = members.flatMap(({ node }) => node ?? []);
  const going = new Set(members.filter(({ isOutdated }) => isOutdated).flatMap(({ node }) => node?.name ?? []));
  const staying = nodes
    .filter(({ name, isUnschedulable }) => !going.has(name) && !isUnschedulable)
    .map(({ name, labels }) => ({ ...labels, [NAME_FIELD]: name }));
  const common = commonLabels(own);
  const zones = own.some(({ labels }) => labels[ZONE] !== undefined) ? group.zones : [];
  return [...staying, common, ...zones.map((zone) => ({ ...common, [ZONE]: zone }))];
}

/** A node selector may also compare numbers; an operator that is new is no reason to warn. */
function isMet(requirement: LabelRequirement, labels: Labels): boolean {
  const { key, operator, values = [] } = requirement;
  const value = labels[key];
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0]);
  if (operator === 'Lt') return value !== undefined && Number(value) < Number(values[0]);
  return meets(requirement, labels) ?? true;
}

/**
 * True when a pod may be scheduled to a node with these labels: all of its selector and one of its required terms.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export const suits = ({ nodeSelector = {}, nodeTerms }: Pod, labels: Labels): boolean =>
  Object.entries(nodeSelector).every(([key, value]) => labels[key] === value) &&
  (nodeTerms === undefined || nodeTerms.some(({ requirements }) => requirements.every((each) => isMet(each, labels))));
