import { parse } from 'yaml';
import { sourceFiles } from './source-files.ts';

export interface State {
  readonly Type: string;
  readonly Resource?: unknown;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Label?: string;
  readonly Default?: string;
  readonly Retry?: readonly { ErrorEquals: string[] }[];
  readonly Catch?: readonly { ErrorEquals: string[]; ResultPath?: string }[];
  readonly ItemProcessor?: { readonly ProcessorConfig?: { readonly Mode?: string }; readonly States?: States };
}

type States = Readonly<Record<string, State>>;

/** A state with its place, for messages. */
export interface PlacedState {
  readonly where: string;
  readonly name: string;
  readonly state: State;
}

const placed = (path: string, states: States): PlacedState[] =>
  Object.entries(states).flatMap(([name, state]) => [
    { where: `${path}: ${name}`, name, state },
    ...placed(path, state.ItemProcessor?.States ?? {}),
  ]);

/** Read every state of statemachines/ as it is written: an `Include` stays out, so that no state is seen twice. */
export const readDefinitions = (): PlacedState[] =>
  sourceFiles(['statemachines'], /\.asl\.yaml$/).flatMap(({ path, text }) =>
    placed(path, parse(text, { maxAliasCount: -1 }).States as States),
  );

/** Whether a Task calls a function of ours; else it calls a service. */
export const callsFunction = ({ state }: PlacedState): boolean =>
  state.Type === 'Task' && Object.hasOwn(state.Resource as object, 'Fn::GetAtt');
