const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '>': '&gt;',
  '<': '&lt;',
  "'": '&apos;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>'"]/g, (character) => ESCAPES[character] as string);

type Elements = Readonly<Record<string, unknown>>;

/** Write an element, or one for each item of a list; one without content closes itself. */
function writeElement(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((each) => writeElement(name, each)).join('');
  const { attributes, content } =
    typeof value === 'object' ? writeMembers(value as Elements) : { attributes: '', content: escaped(String(value)) };
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function writeMembers(elements: Elements): { attributes: string; content: string } {
  let attributes = '';
  let content = '';
  for (const [name, value] of Object.entries(elements)) {
    if (!name.startsWith('@')) content += writeElement(name, value);
    else if (value !== undefined) attributes += ` ${name.slice(1)}="${escaped(String(value))}"`;
  }
  return { attributes, content };
}

/** Write one XML document; keys that start with `@` are attributes, absent values are left out. */
export const writeXml = (root: Elements): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${writeMembers(root).content}`;

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
