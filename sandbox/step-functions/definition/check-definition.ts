import { isObject } from '../expressions/json.ts';
import { type MachineDefinition, NESTED_EXECUTION } from './definition.ts';
import { anything, type Check, checkFields, integer, oneOf, type Report, text } from './field-checks.ts';
import { stateShapes } from './state-shapes.ts';

/** One fault of a definition, and where it is, as a JSON pointer. */
export interface DefinitionFault {
  readonly message: string;
  readonly location: string;
}

type Fields = Record<string, unknown>;

const LONGEST_SECONDS = 99_999_999;
const LONGEST_NAME = 80;
const LONGEST_LABEL = 40;

/** What the checks of one machine share: names must be unique across all of its levels. */
interface Machine {
  readonly report: Report;
  readonly stateNames: Set<string>;
  readonly labels: Set<string>;
}

const targetsOf = (state: Fields): { target: unknown; at: string }[] => [
  ...('Next' in state ? [{ target: state.Next, at: 'Next' }] : []),
  ...('Default' in state ? [{ target: state.Default, at: 'Default' }] : []),
  ...['Choices', 'Catch'].flatMap((field) => {
    const list = state[field];
    if (!Array.isArray(list)) return [];
    return list.filter(isObject).map((item, index) => ({ target: item.Next, at: `${field}/${index}/Next` }));
  }),
];

function checkProcessor(state: Fields, location: string, machine: Machine): void {
  const { report, labels } = machine;
  const processor = state.ItemProcessor;
  const place = `${location}/ItemProcessor`;
  if (!isObject(processor)) {
    report('an object is expected', place);
    return;
  }
  const { ProcessorConfig: config, ...rest } = processor;
  if (config !== undefined) {
    checkFields(
      config,
      `${place}/ProcessorConfig`,
      { Mode: oneOf('INLINE', 'DISTRIBUTED'), ExecutionType: oneOf('STANDARD') },
      isObject(config) && config.Mode === 'DISTRIBUTED' ? ['Mode', 'ExecutionType'] : ['Mode'],
      report,
    );
  }
  const isChildExecution = isObject(config) && config.Mode === 'DISTRIBUTED';
  if (!isChildExecution) {
    for (const name of Object.keys(state)) {
      if (name === 'Label' || name.startsWith('Tolerated')) report(`${name} needs Mode DISTRIBUTED`, location);
    }
  }
  if (typeof state.Label === 'string') {
    if (state.Label.length > LONGEST_LABEL || !/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]+$/.test(state.Label)) {
      report(`a label has 1 to ${LONGEST_LABEL} characters that may stand in an ARN`, `${location}/Label`);
    }
    if (labels.has(state.Label)) report(`the label ${state.Label} is used twice`, `${location}/Label`);
    labels.add(state.Label);
  }
  checkStates(rest, place, { Comment: text }, machine);
}

/** Parameters of StartExecution; the ARN of the machine must be known when the definition is. */
const startExecution = { StateMachineArn: text, Input: anything, Name: text, TraceHeader: text };

function checkNestedExecution(state: Fields, location: string, report: Report): void {
  const parameters = isObject(state.Parameters) ? state.Parameters : {};
  const named = Object.entries(parameters).map(([name, value]) =>
    // What a path gives is only known when it runs.
    name.endsWith('.$') ? [name.slice(0, -'.$'.length), ''] : [name, value],
  );
  checkFields(Object.fromEntries(named), `${location}/Parameters`, startExecution, ['StateMachineArn'], report);
}

function checkState(name: string, state: unknown, location: string, machine: Machine): void {
  const { report } = machine;
  if (!isObject(state)) {
    report('a state is expected', location);
    return;
  }
  const type = state.Type;
  const shape = typeof type === 'string' && Object.hasOwn(stateShapes, type) ? stateShapes[type] : undefined;
  if (shape === undefined) {
    report(`states of Type ${JSON.stringify(type)} are not supported`, `${location}/Type`);
    return;
  }
  if (name.length > LONGEST_NAME) report(`a state name has at most ${LONGEST_NAME} characters`, location);
  if (machine.stateNames.has(name)) report(`the state name ${name} is used twice`, location);
  machine.stateNames.add(name);
  checkFields(state, location, shape.fields, shape.required, report);
  for (const group of shape.exclusive) {
    if (group.every((field) => state[field] !== undefined))
      report(`${group.join(' and ')} exclude each other`, location);
  }
  if (shape.oneOf !== undefined && shape.oneOf.filter((field) => state[field] !== undefined).length !== 1) {
    report(`exactly one of ${shape.oneOf.join(', ')} is required`, location);
  }
  if (!shape.isTerminal && (state.Next !== undefined) === (state.End === true)) {
    report('either Next or End is required', location);
  }
  if (state.Resource === NESTED_EXECUTION) checkNestedExecution(state, location, report);
  if (type === 'Map') checkProcessor(state, location, machine);
}

function checkStates(
  value: unknown,
  location: string,
  further: Readonly<Record<string, Check>>,
  machine: Machine,
): void {
  const { report } = machine;
  checkFields(value, location, { ...further, StartAt: text, States: anything }, ['StartAt', 'States'], report);
  if (!isObject(value) || !isObject(value.States)) return;
  const states = value.States;
  const place = `${location}/States`;
  const has = (name: unknown) => typeof name === 'string' && Object.hasOwn(states, name);
  if (typeof value.StartAt === 'string' && !has(value.StartAt)) {
    report(`Missing 'StartAt' target: ${value.StartAt}`, `${location}/StartAt`);
  }

  const reached = new Set<unknown>([value.StartAt]);
  let hasEnd = false;
  for (const [name, state] of Object.entries(states)) {
    checkState(name, state, `${place}/${name}`, machine);
    if (!isObject(state)) continue;
    hasEnd ||= state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
    for (const { target, at } of targetsOf(state)) {
      reached.add(target);
      if (typeof target === 'string' && !has(target)) {
        report(`Missing 'Next' target: ${target}`, `${place}/${name}/${at}`);
      }
    }
  }
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) report(`State "${name}" is not reachable`, `${place}/${name}`);
  }
  if (!hasEnd) report('no state ends the machine', place);
}

/** List everything that keeps a definition from being run; an empty list means that it is in the subset. */
export function findFaults(definition: unknown): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const report: Report = (message, location) => {
    faults.push({ message, location: location || '/' });
  };
  checkStates(
    definition,
    '',
    {
      Comment: text,
      Version: oneOf('1.0'),
      QueryLanguage: oneOf('JSONPath'),
      TimeoutSeconds: integer(1, LONGEST_SECONDS),
    },
    { report, stateNames: new Set(), labels: new Set() },
  );
  return faults;
}

/**
 * Take a definition that is in the subset, and refuse any other.
 *
 * @throws Error named `InvalidDefinition` that lists every fault with its place
 */
export function checkDefinition(definition: unknown): MachineDefinition {
  const faults = findFaults(definition);
  if (faults.length === 0) return definition as MachineDefinition;
  const list = faults.map(({ message, location }) => `${message} at ${location}`).join('; ');
  throw Object.assign(new Error(`Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${list}'`), {
    name: 'InvalidDefinition',
  });
}
