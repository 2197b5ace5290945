import { awsError } from '../aws-error.ts';
import type { Members, Shape } from '../input-shapes.ts';

/** A form's dotted keys as a tree; a leaf has a value, a branch has children. */
interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

const childOf = (node: FormNode, name: string): FormNode => {
  const existing = node.children.get(name);
  if (existing !== undefined) return existing;
  const created: FormNode = { children: new Map() };
  node.children.set(name, created);
  return created;
};

function treeOf(form: URLSearchParams): FormNode {
  const root: FormNode = { children: new Map() };
  for (const [key, value] of form) key.split('.').reduce(childOf, root).value = value;
  return root;
}

const isIndex = (name: string) => /^\d+$/.test(name);

/** Elements in order of their index; both `List.1` (EC2) and `List.member.1` (query) are read. */
const elementsOf = (node: FormNode): FormNode[] => {
  const holder = node.children.get('member') ?? node;
  return [...holder.children]
    .filter(([name]) => isIndex(name))
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => child);
};

const scalarReaders: Partial<Record<Shape['kind'], (text: string) => unknown>> = {
  // A text that is no number or boolean stays as it is, for the service's check to refuse.
  integer: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : text),
  double: (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)),
  boolean: (text) => (/^(true|1)$/i.test(text) ? true : /^(false|0)$/i.test(text) ? false : text),
  timestamp: (text) => new Date(text),
};

function readNode(shape: Shape, node: FormNode): unknown {
  if (shape.kind === 'list') return elementsOf(node).map((element) => readNode(shape.element as Shape, element));
  if (shape.kind === 'structure')
    return node.children.size > 0 ? readMembers(shape.members as Members, node) : (node.value ?? {});
  if (node.value === undefined) return Object.fromEntries(node.children);
  return scalarReaders[shape.kind]?.(node.value) ?? node.value;
}

function readMembers(members: Members, node: FormNode): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(members)) {
    const child = node.children.get(shape.wireName ?? name);
    if (child !== undefined) input[name] = readNode(shape, child);
  }
  return input;
}

/** Read a form by the shapes of an input; what the shapes do not name is left out. */
export const readForm = (members: Members, form: URLSearchParams): Record<string, unknown> =>
  readMembers(members, treeOf(form));

/**
 * Refuse a form with a parameter that the shapes do not name, as EC2 does.
 *
 * @throws UnknownParameter
 */
export function refuseUnknownParameters(members: Members, form: URLSearchParams): void {
  const common = new Set(['Action', 'Version', 'AWSAccessKeyId', 'SignatureVersion', 'SignatureMethod', 'Timestamp']);
  for (const key of form.keys()) {
    const names = key.split('.').filter((name) => !isIndex(name));
    let level: Members | undefined = members;
    for (const name of names) {
      if (level === members && (common.has(name) || name.startsWith('X-Amz-'))) break;
      const shape: Shape | undefined = Object.entries(level ?? {}).find(
        ([member, { wireName }]) => (wireName ?? member) === name,
      )?.[1];
      if (shape === undefined) throw awsError('UnknownParameter', `The parameter ${key} is not recognized`);
      level = shape.kind === 'list' ? shape.element?.members : shape.members;
    }
  }
}
