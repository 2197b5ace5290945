import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutComments } from './source-files.ts';

/** Names of the ports; the Kubernetes API is reached through `cluster`. */
const CALL = /\b(autoScaling|ec2|eks|parameters|alarms|executions|nodeExecutions|cluster)\s*\??\.\s*(\w+)\s*\(/g;
/** A client for a cluster is asked for, whatever is then done with it. */
const CLUSTER = /\bdeps\.cluster\s*\(/;

/** Methods of the ports: a local variable may have a port's name, and an array's methods. */
const METHODS = new Set(
  [...readFileSync('clients/ports.ts', 'utf8').matchAll(/^ {2}(\w+)\(/gm)].map(([, method]) => method as string),
);

interface Module {
  /** Text of the top-level declarations by name; in a functions/ file, of everything. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Where an imported name comes from. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Enough of a parser for code that Biome has formatted. */
function readModule(path: string): Module {
  const text = withoutComments(readFileSync(path, 'utf8'));
  const imports = [...text.matchAll(/^import \{([^}]+)\} from '(\.[^']+)';$/gm)].flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => [name, join(dirname(path), from)] as const),
  );
  const code = text.replace(/^import[\s\S]*?;$/gm, '');
  const starts = [...code.matchAll(/^(?:export )?(?:async )?(?:function|const) (\w+)/gm)];
  const declarations = starts.map(
    (start, index) => [start[1] as string, code.slice(start.index, starts[index + 1]?.index)] as const,
  );
  return { imports: new Map(imports), declarations: new Map(declarations) };
}

/** Calls made by one declaration, and by what it uses of its own module and of operations. */
function callsIn(path: string, name: string, seen: Set<string>): string[] {
  if (seen.has(`${path} ${name}`) || !existsSync(path)) return [];
  seen.add(`${path} ${name}`);
  const { declarations, imports } = readModule(path);
  const text = declarations.get(name) ?? '';
  const uses = (other: string) => new RegExp(`\\b${other}\\b(?!\\??:)`).test(text);
  const direct = [...text.matchAll(CALL)]
    .filter(([, , method]) => METHODS.has(method as string))
    .map(([, port, method]) => `${port}.${method}`);
  const own = [...declarations.keys()].filter(uses).flatMap((other) => callsIn(path, other, seen));
  const imported = [...imports]
    .filter(([other, from]) => from.startsWith('operations/') && uses(other))
    .flatMap(([other, from]) => callsIn(from, other, seen));
  return [...direct, ...(CLUSTER.test(text) ? ['cluster'] : []), ...own, ...imported];
}

/**
 * Read from the source which calls a function makes, through the operations it uses.
 *
 * @param file name in functions/, with extension
 * @returns `port.method`, sorted; for the Kubernetes API also `cluster`
 */
export function callsOf(file: string): string[] {
  const path = join('functions', file);
  const seen = new Set<string>();
  return [...new Set([...readModule(path).declarations.keys()].flatMap((name) => callsIn(path, name, seen)))].sort();
}
