import { basename } from 'node:path';
import { sourceFiles } from './source-files.ts';

/** All files of functions/, relative to it: `drain-node.ts`, `events/….ts` for what EventBridge calls. */
export const functionFiles = (): string[] =>
  sourceFiles(['functions'], /\.ts$/).map(({ path }) => path.slice('functions/'.length));

/** The key in serverless.yml of the function in a file. */
export const functionKeyOf = (file: string): string =>
  basename(file, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
