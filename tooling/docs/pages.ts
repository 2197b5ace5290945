import { cliReference } from './cli-reference.ts';
import { errorReference } from './error-reference.ts';
import { inputReference } from './input-reference.ts';
import { workflowPicture } from './workflow-picture.ts';

/** A page or picture of docs/ that is made from the code. */
export interface ReferencePage {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: () => string;
}

/** Every page that `npm run docs` writes, and that a test compares with its source. */
export const REFERENCE_PAGES: readonly ReferencePage[] = [
  { path: 'docs/input.md', text: inputReference },
  { path: 'docs/errors.md', text: errorReference },
  { path: 'docs/cli.md', text: cliReference },
  { path: 'docs/workflow.svg', text: workflowPicture },
];
