import { parse } from 'yaml';

/** A Task or Wait of a definition, in the order of the file. */
export interface DrawnState {
  readonly name: string;
  readonly type: 'Task' | 'Wait';
  /** The comment above its part of the file; empty before the first one. */
  readonly section: string;
  readonly comment?: string;
}

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
}

const statesOf = (yaml: string): Record<string, State> => parse(yaml, { maxAliasCount: -1 }).States;

/** The section of each state: a comment of one line between two states. */
function sectionsOf(yaml: string): Map<string, string> {
  const sections = new Map<string, string>();
  let section = '';
  for (const line of yaml.slice(yaml.indexOf('\nStates:')).split('\n')) {
    section = /^ {2}# (.+)$/.exec(line)?.[1] ?? section;
    const name = /^ {2}(\w+):$/.exec(line)?.[1];
    if (name !== undefined) sections.set(name, section);
  }
  return sections;
}

const isDrawn = ({ Type }: State): boolean => Type === 'Task' || Type === 'Wait';

/** The states of a definition in which something is done or waited for. */
export function drawnStates(yaml: string): DrawnState[] {
  const sections = sectionsOf(yaml);
  return Object.entries(statesOf(yaml)).flatMap(([name, state]) =>
    isDrawn(state)
      ? [
          {
            name,
            type: state.Type as 'Task' | 'Wait',
            section: sections.get(name) ?? '',
            ...(state.Comment !== undefined && { comment: state.Comment }),
          },
        ]
      : [],
  );
}

/** The drawn states that may follow a state, through Choices and Passes; not by a Catch. */
export function nextStates(yaml: string, name: string): string[] {
  const states = statesOf(yaml);
  const found = new Set<string>();
  const follow = (from: string): void => {
    const { Next, Default, Choices = [] } = states[from] as State;
    for (const to of [Next, Default, ...Choices.map((choice) => choice.Next)]) {
      if (to === undefined || found.has(to)) continue;
      found.add(to);
      if (!isDrawn(states[to] as State)) follow(to);
    }
  };
  follow(name);
  return [...found].filter((to) => isDrawn(states[to] as State));
}

/**
 * The states in a line, the Waits that only go back to the state before them, and the other ways back.
 *
 * @throws when a state of the line does not lead to the next one
 */
export function spineOf(text: string): {
  spine: DrawnState[];
  loops: DrawnState[];
  ways: (readonly [string, string])[];
} {
  const states = drawnStates(text);
  const order = states.map(({ name }) => name);
  const isBack = (from: string, to: string) => order.indexOf(to) <= order.indexOf(from);
  const loops = states.filter(
    ({ name, type }) => type === 'Wait' && nextStates(text, name).every((to) => isBack(name, to)),
  );
  const spine = states.filter((state) => !loops.includes(state));
  for (const [index, { name }] of spine.entries()) {
    const next = spine[index + 1]?.name;
    if (next !== undefined && !nextStates(text, name).includes(next)) {
      throw new Error(`docs/workflow.svg: draw what follows ${name}; it is not ${next}`);
    }
  }
  const ways = spine.flatMap(({ name }) =>
    nextStates(text, name).flatMap((to) => (isBack(name, to) ? [[name, to] as const] : [])),
  );
  return { spine, loops, ways };
}
