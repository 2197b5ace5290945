import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { functionFiles } from './function-files.ts';

/** What one bundle may weigh, minified: cold starts pay for every byte. */
export const MAX_BUNDLE_BYTES = 2 * 1024 * 1024;

export interface Bundle {
  /** File name of the function, without extension. */
  readonly name: string;
  /** All of its parts. */
  readonly bytes: number;
}

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
  const files = functionFiles();
  if (files.length === 0) throw new Error('functions/ holds no function to bundle.');
  rmSync(outputDirectory, { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    target: 'node24',
    entryPoints: Object.fromEntries(files.map(({ name, path }) => [name, path])),
    outdir: outputDirectory,
    chunkNames: 'parts/[name]-[hash]',
  });
  const bundles = files.map(({ name }) => ({
    name,
    bytes: weigh(join(outputDirectory, `${name}.mjs`), metafile.outputs),
  }));
  for (const { name, bytes } of bundles) {
    if (bytes <= MAX_BUNDLE_BYTES) continue;
    throw new Error(
      `${name} has ${bytes} bytes, more than ${MAX_BUNDLE_BYTES}: see what weighs with esbuild's --analyze.`,
    );
  }
  return bundles;
}
