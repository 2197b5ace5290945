import { parse } from 'yaml';
import { sourceFiles } from './source-files.ts';

export interface State {
  readonly Type: string;
  readonly Resource?: unknown;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly Default?: string;
  readonly Retry?: readonly {
    readonly ErrorEquals: string[];
    readonly IntervalSeconds?: number;
    readonly MaxAttempts?: number;
    readonly BackoffRate?: number;
    readonly MaxDelaySeconds?: number;
  }[];
  readonly Catch?: readonly { ErrorEquals: string[]; ResultPath?: string; Next?: string }[];
  readonly ItemProcessor?: { readonly States?: States };
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

/** Read every state of statemachines/. */
export const readDefinitions = (): PlacedState[] =>
  sourceFiles(['statemachines'], /\.asl\.yaml$/).flatMap(({ path, text }) =>
    placed(path, parse(text, { maxAliasCount: -1 }).States as States),
  );

/** Whether a Task calls a function of ours; else it calls a service. */
export const callsFunction = ({ state }: PlacedState): boolean =>
  state.Type === 'Task' && Object.hasOwn(state.Resource as object, 'Fn::GetAtt');
