import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';

/** What one bundle may weigh, minified: cold starts pay for every byte. */
export const MAX_BUNDLE_BYTES = 2 * 1024 * 1024;

export interface Bundle {
  /** File name of the function, without extension. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Bundle every function of functions/ into one minified ES module each, with nothing left to install.
 *
 * @throws Error when a bundle is larger than MAX_BUNDLE_BYTES, or esbuild refuses
 */
export async function bundleFunctions(outputDirectory: string): Promise<Bundle[]> {
  const files = readdirSync('functions').filter((file) => file.endsWith('.ts'));
  if (files.length === 0) throw new Error('functions/ holds no function to bundle.');
  rmSync(outputDirectory, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: files.map((file) => `functions/${file}`),
    outdir: outputDirectory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    // Stack traces in the logs keep their function names; error names do not depend on it (domain/errors.ts).
    keepNames: true,
    legalComments: 'none',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    metafile: true,
    logLevel: 'warning',
    // Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const bundles = Object.entries(metafile.outputs).map(([file, output]) => ({
    name: basename(file, '.mjs'),
    bytes: output.bytes,
  }));
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
