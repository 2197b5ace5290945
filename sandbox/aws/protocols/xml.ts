import XmlBuilder from 'fast-xml-builder';

const options = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  // Else it joins the names above each element, for callbacks that we do not have: two fifths of its time.
  jPath: false,
};
const builder = new XmlBuilder(options);

/** Write one XML document; keys that start with `@` are attributes, absent values are left out. */
export const writeXml = (root: Readonly<Record<string, unknown>>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(root)}`;

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
