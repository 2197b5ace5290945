import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** What one bundle may weigh, minified: cold starts pay for every byte. */
export const MAX_BUNDLE_BYTES = 2 * 1024 * 1024;

export interface Bundle {
  /** File name of the function, without extension. */
  readonly name: string;
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

/** Let unused modules of the Kubernetes client be dropped: it does not say that importing them has no effect (nor undici's). */
const pureKubernetesClient: Plugin = {
  name: 'pure-kubernetes-client',
  setup(own) {
    own.onResolve({ filter: /./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      const isOfClient = path.startsWith('@kubernetes/client-node') || importer.includes('@kubernetes/client-node');
      if (pluginData === 'resolved' || !isOfClient) return undefined;
      const resolved = await own.resolve(path, { importer, resolveDir, kind, pluginData: 'resolved' });
      return { ...resolved, sideEffects: false };
    });
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
  logLevel: 'warning',
} satisfies BuildOptions;

/**
 * Bundle every function of functions/ into one minified ES module each, with nothing left to install.
 *
 * In two passes, because clients are imported when they are first used: esbuild drops unused code behind an `import()`
 * only where it may split, and only without splitting does a function become one file.
 *
 * @throws Error when a bundle is larger than MAX_BUNDLE_BYTES, or esbuild refuses
 */
export async function bundleFunctions(outputDirectory: string): Promise<Bundle[]> {
  const files = readdirSync('functions').filter((file) => file.endsWith('.ts'));
  if (files.length === 0) throw new Error('functions/ holds no function to bundle.');
  rmSync(outputDirectory, { recursive: true, force: true });
  mkdirSync('dist', { recursive: true });
  const parts = mkdtempSync(join('dist', 'parts-'));
  try {
    await build({
      ...options,
      entryPoints: files.map((file) => join('functions', file)),
      outdir: parts,
      splitting: true,
      plugins: [literalSchemaKeys, pureKubernetesClient],
    });
    const { metafile } = await build({
      ...options,
      entryPoints: files.map((file) => join(parts, file.replace('.ts', '.js'))),
      outdir: outputDirectory,
      outExtension: { '.js': '.mjs' },
      metafile: true,
      // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
      banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    });
    return measure(metafile.outputs);
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

function measure(outputs: Readonly<Record<string, { bytes: number }>>): Bundle[] {
  const bundles = Object.entries(outputs).map(([file, { bytes }]) => ({ name: basename(file, '.mjs'), bytes }));
  const tooLarge = bundles.filter(({ bytes }) => bytes > MAX_BUNDLE_BYTES);
  if (tooLarge.length > 0) {
    const sizes = tooLarge.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(', ');
    throw new Error(`Larger than ${MAX_BUNDLE_BYTES} bytes: ${sizes}. See what weighs with esbuild's --analyze.`);
  }
  return bundles.sort((left, right) => (left.name < right.name ? -1 : 1));
}

if (import.meta.main) {
  for (const { name, bytes } of await bundleFunctions('dist/lambda')) {
    console.log(`${name.padEnd(32)} ${(bytes / 1024).toFixed(0).padStart(5)} KiB`);
  }
}
