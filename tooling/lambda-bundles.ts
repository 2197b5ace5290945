import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** What one bundle may weigh, minified: cold starts pay for every byte. */
export const MAX_BUNDLE_BYTES = 2 * 1024 * 1024;

export interface Bundle {
  /** File name of the function, without extension. */
  readonly name: string;
  /** All of its parts. */
  readonly bytes: number;
}

/**
 * Let unused schemas of the AWS SDK be dropped.
 *
 * The SDK writes traits as `{[_xN]: …}` with `const _xN = "xmlName"`. esbuild takes a computed key for a side effect and
 * keeps every schema of EC2 (560 KB) where 60 KB are used; a literal key says the same and can be dropped.
 */
const literalSchemaKeys: Plugin = {
  name: 'literal-schema-keys',
  setup({ onLoad }) {
    onLoad({ filter: /dist-es[/\\]schemas[/\\]schemas_\d+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const names = new Map([...text.matchAll(/^const (\w+) = ("[^"]*");$/gm)].map(([, name, value]) => [name, value]));
      const contents = text.replace(/\[(\w+)\]:/g, (whole, name) => (names.has(name) ? `${names.get(name)}:` : whole));
      return { contents, loader: 'js' };
    });
  },
};

/** Let undici be dropped with the transport of the Kubernetes client, which we replace: it does not say that importing it has no effect. */
const pureUndici: Plugin = {
  name: 'pure-undici',
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, ({ importer }) => ({
      path: createRequire(importer).resolve('undici'),
      sideEffects: false,
    }));
  },
};

const options = {
  bundle: true,
  minify: true,
  // Stack traces in the logs keep their function names; error names do not depend on it (domain/errors.ts).
  keepNames: true,
  legalComments: 'none',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  // A client is a part of its own, read when it is first used: 1.8 MB in one file would take 100 ms to parse at each start.
  // Besides, only what may be split off is freed of its unused code.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  plugins: [literalSchemaKeys, pureUndici],
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;

type Outputs = Readonly<Record<string, { bytes: number; imports: readonly { path: string; external?: boolean }[] }>>;

/** Bytes of a bundle: its entry and every part that can be reached from it. */
function weigh(entry: string, outputs: Outputs): number {
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const { path, external } of outputs[file]?.imports ?? []) if (external !== true) reached.add(path);
  }
  return [...reached].reduce((bytes, file) => bytes + (outputs[file]?.bytes ?? 0), 0);
}

/**
 * Bundle every function of functions/, minified, with nothing left to install: `name.mjs` with its handler, and in parts/
 * what functions share and read when they need it.
 *
 * @throws Error when a bundle is larger than MAX_BUNDLE_BYTES, or esbuild refuses
 */
export async function bundleFunctions(outputDirectory: string): Promise<Bundle[]> {
  const files = readdirSync('functions').filter((file) => file.endsWith('.ts'));
  if (files.length === 0) throw new Error('functions/ holds no function to bundle.');
  rmSync(outputDirectory, { recursive: true, force: true });
  const { metafile } = await build({
    ...options,
    entryPoints: files.map((file) => join('functions', file)),
    outdir: outputDirectory,
    chunkNames: 'parts/[name]-[hash]',
  });
  const bundles = files.map((file) => {
    const name = basename(file, '.ts');
    return { name, bytes: weigh(join(outputDirectory, `${name}.mjs`), metafile.outputs) };
  });
  for (const { name, bytes } of bundles) {
    if (bytes <= MAX_BUNDLE_BYTES) continue;
    throw new Error(
      `${name} has ${bytes} bytes, more than ${MAX_BUNDLE_BYTES}: see what weighs with esbuild's --analyze.`,
    );
  }
  return bundles;
}
