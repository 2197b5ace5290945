import { isObject } from '../expressions/json.ts';
import { NESTED_EXECUTION } from './definition.ts';
import type { DefinitionFault } from './definition-fault.ts';
import { expressionFieldFaults } from './expression-faults.ts';

/*
 * The one rule about definitions that is ours: what is valid on AWS must also be in the subset that the interpreter runs,
 * and must keep what AWS demands and asl-validator overlooks (`States.ALL` alone and last, labels, delays, versions).
 */

type Fields = Record<string, unknown>;
type Faults = Generator<DefinitionFault>;

const LAMBDA_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+$/;
const LABEL = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]{1,40}$/;

const described = ['Type', 'Comment', 'QueryLanguage'];
const withPaths = [...described, 'InputPath', 'OutputPath'];
const withNext = [...withPaths, 'Next', 'End', 'ResultPath'];
const withRecovery = [...withNext, 'ResultSelector', 'Retry', 'Catch'];
const orPath = (...names: string[]) => names.flatMap((name) => [name, `${name}Path`]);

/** The fields that the interpreter acts on, by type of state. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...withRecovery, 'Resource', 'Parameters', ...orPath('TimeoutSeconds', 'HeartbeatSeconds')],
  Pass: [...withNext, 'Result', 'Parameters'],
  Wait: [...withPaths, 'Next', 'End', ...orPath('Seconds', 'Timestamp')],
  Choice: [...withPaths, 'Choices', 'Default'],
  Succeed: withPaths,
  Fail: [...described, ...orPath('Error', 'Cause')],
  Map: [
    ...withRecovery,
    ...['ItemProcessor', 'ItemsPath', 'ItemSelector', 'Label'],
    ...orPath('MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'),
  ],
};
const MACHINE_FIELDS = ['Comment', 'Version', 'QueryLanguage', 'TimeoutSeconds', 'StartAt', 'States'];
const RETRIER_FIELDS = [
  ...['Comment', 'ErrorEquals', 'IntervalSeconds', 'MaxAttempts'],
  ...['BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'],
];
const CATCHER_FIELDS = ['Comment', 'ErrorEquals', 'Next', 'ResultPath'];
const PROCESSOR_FIELDS = ['Comment', 'ProcessorConfig', 'StartAt', 'States'];

const LONGEST_SECONDS = 99_999_999;
/** Bounds of whole numbers, wherever they stand. */
const BOUNDS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  TimeoutSeconds: [1, LONGEST_SECONDS],
  Seconds: [0, LONGEST_SECONDS],
  IntervalSeconds: [1, LONGEST_SECONDS],
  MaxAttempts: [0, LONGEST_SECONDS],
  MaxDelaySeconds: [1, 31_622_400],
};

const objectsOf = (list: unknown): Fields[] => (Array.isArray(list) ? list.filter(isObject) : []);

function* numberFaults(fields: Fields, location: string): Faults {
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = fields[name];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) continue;
    yield { message: `a whole number from ${least} to ${most} is expected`, location: `${location}/${name}` };
  }
}

function* unknownFields(value: Fields, known: readonly string[], location: string): Faults {
  for (const name of Object.keys(value))
    if (!known.includes(name)) yield { message: `Field '${name}' is not supported`, location };
}

function* choiceRuleFaults(rule: Fields, location: string, isOutermost: boolean): Faults {
  if (!isOutermost && 'Next' in rule) yield { message: 'Next belongs to the outermost rule', location };
  yield* expressionFieldFaults(rule, location);
  for (const name of ['And', 'Or'])
    for (const [index, inner] of objectsOf(rule[name]).entries())
      yield* choiceRuleFaults(inner, `${location}/${name}/${index}`, false);
  if (isObject(rule.Not)) yield* choiceRuleFaults(rule.Not, `${location}/Not`, false);
}

/** Retriers or catchers. */
function* recoveryFaults(list: readonly Fields[], known: readonly string[], location: string): Faults {
  for (const [index, item] of list.entries()) {
    const place = `${location}/${index}`;
    yield* unknownFields(item, known, place);
    yield* numberFaults(item, place);
    yield* expressionFieldFaults(item, place);
    yield* delayFaults(item, place);
    const names = Array.isArray(item.ErrorEquals) ? item.ErrorEquals : [];
    if (names.length === 0) yield { message: 'a list of error names is expected', location: place };
    if (!names.includes('States.ALL')) continue;
    if (names.length > 1) yield { message: 'States.ALL must stand alone', location: place };
    if (index < list.length - 1) yield { message: 'States.ALL must come last', location: place };
  }
}

function* delayFaults(retrier: Fields, location: string): Faults {
  const { IntervalSeconds: first = 1, MaxDelaySeconds: longest, BackoffRate: rate, JitterStrategy = 'NONE' } = retrier;
  if (longest !== undefined && Number(longest) <= Number(first))
    yield { message: 'MaxDelaySeconds must be greater than IntervalSeconds', location };
  if (rate !== undefined && !(Number(rate) >= 1)) yield { message: 'BackoffRate must be at least 1', location };
  if (JitterStrategy !== 'NONE' && JitterStrategy !== 'FULL')
    yield { message: 'JitterStrategy FULL or NONE is expected', location };
}

/** Parameters of StartExecution: the machine must be known when the definition is. */
function* nestedExecutionFaults(parameters: Fields, location: string): Faults {
  const given = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name.replace(/\.\$$/, ''), value]),
  );
  if (given.StateMachineArn === undefined) yield { message: 'These fields are required: [StateMachineArn]', location };
  for (const name of ['StateMachineArn', 'Name'])
    if (given[name] !== undefined && typeof given[name] !== 'string')
      yield { message: 'a string is expected', location: `${location}/${name}` };
  yield* unknownFields(given, ['StateMachineArn', 'Input', 'Name', 'TraceHeader'], location);
}

const isFunction = (resource: unknown): boolean => {
  if (!isObject(resource)) return typeof resource === 'string' && LAMBDA_ARN.test(resource);
  const { 'Fn::GetAtt': attribute, ...rest } = resource;
  if (!Array.isArray(attribute) || Object.keys(rest).length > 0) return false;
  return attribute.length === 2 && typeof attribute[0] === 'string' && attribute[1] === 'Arn';
};

function* resourceFaults({ Resource: resource, Parameters: parameters }: Fields, location: string): Faults {
  if (resource === NESTED_EXECUTION)
    yield* nestedExecutionFaults(isObject(parameters) ? parameters : {}, `${location}/Parameters`);
  else if (!isFunction(resource))
    yield {
      message: `a Lambda function is expected (its ARN, or { 'Fn::GetAtt': [functionKey, 'Arn'] }), or ${NESTED_EXECUTION}`,
      location: `${location}/Resource`,
    };
}

function* mapFaults(state: Fields, location: string, labels: Set<unknown>): Faults {
  const processor = isObject(state.ItemProcessor) ? state.ItemProcessor : {};
  const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  yield* unknownFields(config, ['Mode', 'ExecutionType'], `${location}/ItemProcessor/ProcessorConfig`);
  if (config.Mode === 'DISTRIBUTED' && config.ExecutionType !== 'STANDARD')
    yield { message: 'ExecutionType STANDARD is expected', location: `${location}/ItemProcessor/ProcessorConfig` };
  for (const name of Object.keys(state))
    if (config.Mode !== 'DISTRIBUTED' && (name === 'Label' || name.startsWith('Tolerated')))
      yield { message: `${name} needs Mode DISTRIBUTED`, location };
  if (typeof state.Label === 'string' && !LABEL.test(state.Label))
    yield { message: 'a label has 1 to 40 characters that may stand in an ARN', location: `${location}/Label` };
  if (state.Label !== undefined && labels.has(state.Label))
    yield { message: `the label ${state.Label} is used twice`, location: `${location}/Label` };
  labels.add(state.Label);
  yield* statesFaults(processor, PROCESSOR_FIELDS, `${location}/ItemProcessor`, labels);
}

function* stateFaults(state: unknown, location: string, labels: Set<unknown>): Faults {
  const fields =
    isObject(state) && typeof state.Type === 'string' && Object.hasOwn(FIELDS, state.Type)
      ? FIELDS[state.Type]
      : undefined;
  if (!isObject(state) || fields === undefined) {
    const type = isObject(state) ? JSON.stringify(state.Type) : 'undefined';
    yield { message: `states of Type ${type} are not supported`, location: `${location}/Type` };
    return;
  }
  yield* unknownFields(state, fields, location);
  yield* languageFaults(state, location);
  yield* numberFaults(state, location);
  yield* expressionFieldFaults(state, location);
  yield* recoveryFaults(objectsOf(state.Retry), RETRIER_FIELDS, `${location}/Retry`);
  yield* recoveryFaults(objectsOf(state.Catch), CATCHER_FIELDS, `${location}/Catch`);
  for (const [index, rule] of objectsOf(state.Choices).entries())
    yield* choiceRuleFaults(rule, `${location}/Choices/${index}`, true);
  if (state.Type === 'Task') yield* resourceFaults(state, location);
  if (state.Type === 'Map') yield* mapFaults(state, location, labels);
}

function* languageFaults({ QueryLanguage: language = 'JSONPath' }: Fields, location: string): Faults {
  if (language !== 'JSONPath')
    yield { message: `JSONPath is expected, not ${JSON.stringify(language)}`, location: `${location}/QueryLanguage` };
}

function* statesFaults(machine: Fields, known: readonly string[], location: string, labels: Set<unknown>): Faults {
  yield* unknownFields(machine, known, location);
  yield* languageFaults(machine, location);
  yield* numberFaults(machine, location);
  for (const [name, state] of Object.entries(isObject(machine.States) ? machine.States : {}))
    yield* stateFaults(state, `${location}/States/${name}`, labels);
}

/** List what keeps a definition out of the subset that the interpreter runs. */
export function findSubsetFaults(definition: unknown): DefinitionFault[] {
  if (!isObject(definition)) return [{ message: 'an object is expected', location: '/' }];
  const { Version: version = '1.0' } = definition;
  const versionFaults = version === '1.0' ? [] : [{ message: '1.0 is expected', location: '/Version' }];
  const found = [...versionFaults, ...statesFaults(definition, MACHINE_FIELDS, '', new Set())];
  return found.map(({ message, location }) => ({ message, location: location || '/' }));
}
