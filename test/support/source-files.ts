import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS = ['.git', '.serverless', 'coverage', 'dist', 'node_modules', 'out', '__pycache__', '.venv'];

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Read all files below some folders of the repository (`.` is all of it) whose names match, in a stable order. */
export function sourceFiles(folders: readonly string[], name: RegExp): SourceFile[] {
  const walk = (folder: string): SourceFile[] =>
    readdirSync(folder, { withFileTypes: true })
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : walk(path);
        return name.test(entry.name) ? [{ path, text: readFileSync(path, 'utf8') }] : [];
      });
  return folders.flatMap(walk);
}

/** Source text without comments, so that prose does not count as code. Strings stay. */
export const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

/** Lines between the braces of the step's body in a functions/ file; 1 for an expression. */
export function stepBodyLines(text: string): number {
  const code = withoutComments(text);
  const start = code.indexOf('=> {', code.indexOf('defineStep('));
  if (start === -1) return 1;
  let depth = 0;
  for (let index = code.indexOf('{', start); index < code.length; index += 1) {
    if (code[index] === '{') depth += 1;
    if (code[index] === '}') depth -= 1;
    if (depth === 0)
      return code
        .slice(start, index)
        .split('\n')
        .slice(1)
        .filter((line) => line.trim() !== '').length;
  }
  throw new Error('The braces of the step do not match.');
}
