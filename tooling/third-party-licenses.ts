import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE_FILE = /^(licen[cs]e|notice|copying)/i;

/**
 * The licenses of the packages that a bundle holds, which ask to go where the code goes.
 *
 * @param inputs paths of bundled files, as the metafile of esbuild has them
 */
export function thirdPartyLicenses(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const manifest = join(folder, 'package.json');
    const { name, version, license } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
    const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file));
    const said = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...said].join('\n\n');
  });
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
