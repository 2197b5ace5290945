import type { Pod, PodSpec, PodTemplate } from '../kinds/pod.ts';
import { ownerReferenceTo } from '../object-keys.ts';
import type { KubernetesObject, NewObject } from '../objects.ts';
import { qosClassOf, withPodDefaults } from './pod-defaults.ts';

const HASH_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

const hashes = new WeakMap<object, string>();

/** Text of a JSON value that says nothing of the order of its fields, nor of those that are null. */
function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  fields.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`).join()}}`;
}

/** Hash a template as a label: what tells the pods of one revision from those of the next. */
export function templateHashOf(template: object): string {
  let hash = hashes.get(template);
  if (hash === undefined) {
    let folded = 0x811c9dc5;
    for (const character of canonicalText(template))
      folded = Math.imul(folded ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    hash = [...String(folded)].map((digit) => HASH_ALPHABET[digit.charCodeAt(0) % HASH_ALPHABET.length]).join('');
    hashes.set(template, hash);
  }
  return hash;
}

/** Build a pod from its controller's template. */
export function podFromTemplate(
  owner: KubernetesObject,
  template: PodTemplate,
  {
    name,
    generateName,
    labels,
    spec,
  }: {
    name: string;
    generateName?: string;
    /** Besides the template's own. */
    labels?: Readonly<Record<string, string>>;
    /** Instead of the template's own. */
    spec?: PodSpec;
  },
): NewObject<Pod> {
  const { metadata } = template;
  const completed = withPodDefaults(spec ?? template.spec);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      namespace: owner.metadata.namespace ?? 'default',
      labels: labels === undefined ? (metadata?.labels ?? {}) : { ...metadata?.labels, ...labels },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    spec: completed,
    status: { phase: 'Pending', qosClass: qosClassOf(completed) },
  };
}
