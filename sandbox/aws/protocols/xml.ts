const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

const NEEDS_ESCAPE = /[&<>'"]/;

const escapeText = (text: string) =>
  NEEDS_ESCAPE.test(text) ? text.replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? character) : text;

/** Write one element, or one for each item of a list; an element without content is closed at once. */
function writeElement(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    let list = '';
    for (const item of value) list += writeElement(name, item);
    return list;
  }
  if (typeof value !== 'object' || value === null) {
    const text = escapeText(String(value ?? ''));
    return text === '' ? `<${name}/>` : `<${name}>${text}</${name}>`;
  }
  let attributes = '';
  let content = '';
  for (const [key, member] of Object.entries(value)) {
    if (!key.startsWith('@')) content += writeElement(key, member);
    else if (member !== undefined) attributes += ` ${key.slice(1)}="${escapeText(String(member))}"`;
  }
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

/** Write one XML document; keys that start with `@` are attributes, absent values are left out. */
export function writeXml(root: Readonly<Record<string, unknown>>): string {
  let elements = '';
  for (const [name, value] of Object.entries(root)) elements += writeElement(name, value);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elements}`;
}

/** How a protocol writes names: of a member's element, and of the elements of its list. */
export interface XmlNames {
  memberName(parent: string, member: string): string;
  listElementName(listMember: string): string;
}

/** Turn an answer into elements: instants as ISO-8601, lists wrapped, absent members left out. */
export function toElements(value: unknown, names: XmlNames, parent = ''): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value))
    return { [names.listElementName(parent)]: value.map((element) => toElements(element, names, parent)) };
  if (typeof value === 'object' && value !== null) {
    const elements: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined && member !== null)
        elements[names.memberName(parent, name)] = toElements(member, names, name);
    }
    return elements;
  }
  return String(value);
}
