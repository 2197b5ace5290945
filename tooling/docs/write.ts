import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REFERENCE_PAGES } from './pages.ts';

/** Write every generated page of docs/. */
export async function main(): Promise<void> {
  for (const { path, text } of REFERENCE_PAGES) {
    await writeFile(join(import.meta.dirname, '../..', path), text());
    process.stdout.write(`${path}\n`);
  }
}
