import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';

/** A file with a function of the stack. */
export interface FunctionFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Below functions/, with `/` and without extension, such as `events/clean-up-ended-runs`: its bundle has it, too. */
  readonly name: string;
  /** Key in serverless.yml. */
  readonly key: string;
  /** A Task of a state machine calls it; else it is in a folder of its own, such as events/. */
  readonly isStep: boolean;
}

/** List every function of functions/: the steps, and those that are no Task. */
export const functionFiles = (): FunctionFile[] =>
  readdirSync('functions', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => {
      const name = file.replace(/\.ts$/, '').split(sep).join('/');
      const key = basename(name).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      return { path: join('functions', file), name, key, isStep: !name.includes('/') };
    });
