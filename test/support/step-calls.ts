import { readdirSync, readFileSync } from 'node:fs';

/** Names of the ports a step calls directly; the Kubernetes API is reached through `cluster`. */
const CALL = /\b(autoScaling|ec2|eks|parameters|alarms|executions|cluster)\s*\??\.\s*(\w+)\s*\(/g;
/** A client for a cluster is asked for, whatever is then done with it. */
const CLUSTER = /\bcluster\s*\(/;

/** Methods of the ports: a local variable may have a port's name, and an array's methods. */
const METHODS = new Set(
  [...readFileSync('clients/ports.ts', 'utf8').matchAll(/^ {2}(\w+)\(/gm)].map(([, method]) => method as string),
);

const read = (path: string) => readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

/** The top-level declarations of a module by name: enough of a parser for code that Biome has formatted. */
function declarations(text: string): Map<string, string> {
  const starts = [...text.matchAll(/^(?:export )?(?:async )?(?:function|const) (\w+)/gm)];
  return new Map(
    starts.map((start, index) => [
      start[1] as string,
      text.slice(start.index, starts[index + 1]?.index ?? text.length),
    ]),
  );
}

const operations = (): Map<string, string> =>
  new Map(
    readdirSync('clients/operations')
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...declarations(read(`clients/operations/${file}`))]),
  );

function callsIn(text: string, known: ReadonlyMap<string, string>, seen: Set<string>): string[] {
  const direct = [...text.matchAll(CALL)]
    .filter(([, , method]) => METHODS.has(method as string))
    .map(([, port, method]) => `${port}.${method}`);
  const client = CLUSTER.test(text) ? ['cluster'] : [];
  const inner = [...known].flatMap(([name, body]) => {
    if (seen.has(name) || !new RegExp(`\\b${name}\\b`).test(text)) return [];
    seen.add(name);
    return callsIn(body, known, seen);
  });
  return [...direct, ...client, ...inner];
}

/**
 * Read from the source which calls a function makes, through the operations it uses.
 *
 * @param file name in functions/, with extension
 * @returns `port.method`, sorted; for the Kubernetes API also `cluster`
 */
export function callsOf(file: string): string[] {
  const text = read(`functions/${file}`).replace(/^import[\s\S]*?;$/gm, '');
  return [...new Set(callsIn(text, operations(), new Set()))].sort();
}
