import { parse } from 'yaml';
import { sourceFiles } from './source-files.ts';

export interface State {
  readonly Type: string;
  readonly Resource?: unknown;
  readonly Label?: string;
  readonly Default?: string;
  readonly Retry?: readonly { ErrorEquals: string[] }[];
  readonly Catch?: readonly { ErrorEquals: string[]; ResultPath?: string }[];
}

/** Read every state of statemachines/ as it is written: an `Include` stays out, so that no state is seen twice. */
export const readDefinitions = (): { where: string; name: string; state: State }[] =>
  sourceFiles(['statemachines'], /\.asl\.yaml$/).flatMap(({ path, text }) =>
    Object.entries(parse(text, { maxAliasCount: -1 }).States as Record<string, State>).map(([name, state]) => ({
      where: `${path}: ${name}`,
      name,
      state,
    })),
  );
