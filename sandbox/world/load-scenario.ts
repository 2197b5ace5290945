import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type * as z from 'zod';
import { type Scenario, scenarioSchema } from './scenario.ts';

type Path = readonly PropertyKey[];

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

const pathText = (path: Path) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w$-]+$/.test(String(step))) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');

/** What is read of a schema to say what it expected. */
interface Definition {
  readonly shape?: object;
  readonly options?: readonly {
    readonly _zod: { readonly propValues?: Readonly<Record<string, ReadonlySet<unknown>>> };
  }[];
}

/** Say which keys, or which kinds, there are instead. */
const sayWhatWasExpected: z.core.$ZodErrorMap = (issue) => {
  const definition = issue.inst?._zod.def as Definition | undefined;
  if (issue.code === 'unrecognized_keys' && definition?.shape !== undefined)
    return `Unrecognized key: ${issue.keys.map((key) => `"${key}"`).join(', ')}; expected one of ${Object.keys(definition.shape).join(', ')}`;
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return undefined;
  const { discriminator } = issue;
  const known = (definition?.options ?? []).flatMap(({ _zod }) => [...(_zod.propValues?.[discriminator] ?? [])]);
  return `Unknown ${discriminator}; expected one of ${known.join(', ')}`;
};

function sentencesOf(error: z.core.$ZodError, document: Document, lines: LineCounter): string[] {
  return error.issues.map(({ path, message, ...issue }) => {
    const keys = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys : [];
    const line = lineOf(document, lines, [...path, ...keys.slice(0, 1)]);
    return `line ${line}: ${path.length === 0 ? '' : `${pathText(path)}: `}${message}`;
  });
}

/**
 * Read a scenario from YAML text.
 *
 * @throws Error that says which line and key is wrong, and what was expected
 */
export function parseScenario(text: string, origin: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [first] = document.errors;
  if (first !== undefined) throw new Error(`${origin} is not a scenario, as it is not YAML: ${first.message}`);
  const parsed = scenarioSchema.safeParse(document.toJS(), { error: sayWhatWasExpected });
  if (parsed.success) return parsed.data;
  throw new Error(`${origin} is not a scenario:\n${sentencesOf(parsed.error, document, lines).join('\n')}`);
}

/** Read a scenario file. @throws Error when there is no such file or it is not a scenario */
export const loadScenario = (file: string): Scenario => parseScenario(readFileSync(file, 'utf8'), file);
