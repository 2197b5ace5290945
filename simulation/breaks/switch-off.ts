import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BREAKS, type Break, type BreakName } from './breaks.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Replace the texts of a break in one source file.
 *
 * @throws Error when one of them is not there exactly once: the safeguard has changed, and so must its break
 */
export function applyBreak({ replacements }: Break, file: string, source: string): string {
  return replacements
    .filter((each) => each.file === file)
    .reduce((text, { find, replace }) => {
      const parts = text.split(find);
      if (parts.length !== 2)
        throw new Error(
          `a break expects this text once in ${file}, and it is there ${parts.length - 1} times: ${find}`,
        );
      return parts.join(replace);
    }, source);
}

/**
 * Switch a safeguard off in this process: what is loaded from now on has none.
 *
 * @throws Error when a file is loaded that does not have the text exactly once
 */
export function switchOff(name: BreakName): void {
  const broken: Break = BREAKS[name];
  const files = new Map(broken.replacements.map(({ file }) => [pathToFileURL(join(ROOT, file)).href, file]));
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = files.get(url);
      if (file === undefined) return loaded;
      return { ...loaded, source: applyBreak(broken, file, String(loaded.source)) };
    },
  });
}
