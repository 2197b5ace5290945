import { type Document, isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Keys and indexes from the top. */
export type Path = readonly PropertyKey[];

/** The place in the text of one step of a path: a key of a map, or an item of a list. */
function stepInto(node: unknown, step: PropertyKey): { at: Node | undefined; value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === String(step));
    return pair && { at: isNode(pair.key) ? pair.key : undefined, value: pair.value };
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return isNode(item) ? { at: item, value: item } : undefined;
}

/** The line of what a path leads to, or of the last part of it that is there. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    const found = stepInto(node, step);
    if (found === undefined) break;
    offset = found.at?.range?.[0] ?? offset;
    node = found.value;
  }
  return lines.linePos(offset).line;
}

/** What a text in YAML says, and where. */
export interface YamlText {
  readonly value: unknown;
  /** The line of what a path leads to, or of the last part of it that is there; from 1. */
  lineOf(path: Path): number;
}

/** Read a text in YAML and keep where everything stands in it. @throws Error when it is not YAML */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [first] = document.errors;
  if (first !== undefined) throw first;
  return { value: document.toJS(), lineOf: (path) => lineOf(document, lines, path) };
}
