import { readFileSync } from 'node:fs';
import type { BuildOptions, Plugin } from 'esbuild';

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

/**
 * Leave undici out: it is the transport of the Kubernetes client, which we replace, and needs a newer Node than a package may
 * be installed on.
 */
const withoutUndici: Plugin = {
  name: 'without-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'left-out', sideEffects: false }));
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({
      contents: `
        const leftOut = () => { throw new Error('undici is left out of this bundle: use a transport of clients/kubernetes/'); };
        export const fetch = leftOut;
        export class Agent { constructor() { leftOut(); } }
        export class ProxyAgent { constructor() { leftOut(); } }`,
    }));
  },
};

/** What all bundles have in common: minified ES modules for Node, with nothing left to install. */
export const bundleOptions = {
  bundle: true,
  minify: true,
  // Stack traces in the logs keep their function names; error names do not depend on it (domain/errors.ts).
  keepNames: true,
  legalComments: 'none',
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  // A client is a part of its own, read when it is first used: 1.8 MB in one file would take 100 ms to parse at each start.
  // Besides, only what may be split off is freed of its unused code.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  plugins: [literalSchemaKeys, withoutUndici],
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions;
