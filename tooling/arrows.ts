import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ICruiseResult } from 'dependency-cruiser';

const ROOT = join(import.meta.dirname, '..');
const PROGRAM = join(ROOT, 'node_modules/.bin/depcruise');
const RULES = join(ROOT, '.dependency-cruiser.cjs');
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** An import that is forbidden, and by which rule. */
export interface ForbiddenImport {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  /** What to do about it. */
  readonly instead: string;
}

export interface Arrows {
  /** Our own files, relative to the folder. */
  readonly modules: readonly string[];
  /** Names of the rules. */
  readonly rules: readonly string[];
  readonly forbidden: readonly ForbiddenImport[];
}

/** Read all imports below a folder, those of types included. */
export async function readArrows(folder: string): Promise<Arrows> {
  // The program and not its API, which resolves imports otherwise; and its JSON, because as text it always warns that it
  // cannot use TypeScript 7.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, '--config', RULES, '--output-type', 'json', '.'],
    { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES },
  );
  const { modules, summary } = JSON.parse(stdout) as ICruiseResult;
  const rules = summary.ruleSetUsed?.forbidden ?? [];
  return {
    modules: modules
      .filter(({ coreModule, source }) => coreModule !== true && !source.includes('node_modules/'))
      .map(({ source }) => source),
    rules: rules.flatMap(({ name }) => name ?? []),
    forbidden: summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      instead: rules.find(({ name }) => name === rule.name)?.comment ?? '',
    })),
  };
}

/** Read every import of the repository, and print those that `.dependency-cruiser.cjs` forbids. */
export async function main(): Promise<void> {
  const { modules, forbidden } = await readArrows(ROOT);
  for (const { rule, from, to, instead } of forbidden) console.error(`${from} imports ${to} (${rule}): ${instead}`);
  console.log(`${modules.length} modules, ${forbidden.length} forbidden imports`);
  process.exitCode = forbidden.length === 0 && modules.length > 0 ? 0 : 1;
}
