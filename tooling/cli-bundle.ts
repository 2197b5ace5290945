import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = 'dist/cli';
/** The folder of a bundle, as its code calls it. A module that says import.meta can be no CommonJS module. */
const BUNDLE_FOLDER = '__bundleFolder';

/**
 * Let a bundled module find the files beside its source.
 *
 * The package holds them where the repository does, so that the folder of a source is known from that of its bundle.
 */
const foldersOfSources: Plugin = {
  name: 'folders-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|cjs)$/ }, ({ path }) => {
      const source = relative(ROOT, dirname(path)).split(sep).join('/');
      if (source.includes('node_modules')) return undefined;
      const folder = JSON.stringify(`/${relative(FOLDER, '.')}/${source}`);
      const contents = readFileSync(path, 'utf8').replace(
        /\bimport\.meta\.dirname\b|\b__dirname\b/g,
        `(${BUNDLE_FOLDER}+${folder})`,
      );
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * Bundle the command line program, the sandbox included, for every Node that may install the package.
 *
 * @returns bytes of all its parts
 */
export async function bundleCli(): Promise<number> {
  rmSync(FOLDER, { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    target: 'node20',
    banner: { js: `${bundleOptions.banner.js}const ${BUNDLE_FOLDER}=import.meta.dirname;` },
    entryPoints: ['cli/cli.ts'],
    inject: ['tooling/node-20.ts'],
    outdir: FOLDER,
    // All in one folder: see `foldersOfSources`.
    chunkNames: '[name]-[hash]',
    plugins: [foldersOfSources, ...bundleOptions.plugins],
  });
  writeFileSync(join(FOLDER, 'third-party-licenses.txt'), thirdPartyLicenses(Object.keys(metafile.inputs)));
  return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}
