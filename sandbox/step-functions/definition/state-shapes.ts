import { choiceRules } from './check-choice-rule.ts';
import { catchers, retriers } from './check-recovery.ts';
import {
  anything,
  bool,
  type Check,
  definitePath,
  expression,
  integer,
  number,
  oneOf,
  pathOrNull,
  resultPath,
  taskResource,
  template,
  text,
  timestamp,
} from './field-checks.ts';

const LONGEST_SECONDS = 99_999_999;

const described = { Type: text, Comment: text, QueryLanguage: oneOf('JSONPath') };
const withPaths = { ...described, InputPath: pathOrNull, OutputPath: pathOrNull };
const withNext = { Next: text, End: bool };
const withRecovery = { ResultSelector: template, ResultPath: resultPath, Retry: retriers, Catch: catchers };

/** The fields that a type of state may have. */
export interface StateShape {
  readonly fields: Readonly<Record<string, Check>>;
  readonly required: readonly string[];
  /** Pairs and groups of which at most one, or exactly one, may be given. */
  readonly exclusive: readonly (readonly string[])[];
  readonly oneOf?: readonly string[];
  readonly isTerminal: boolean;
}

/** Every type of state that is supported. */
export const stateShapes: Readonly<Record<string, StateShape>> = {
  Task: {
    fields: {
      ...withPaths,
      ...withNext,
      ...withRecovery,
      Resource: taskResource,
      Parameters: template,
      TimeoutSeconds: integer(1, LONGEST_SECONDS),
      TimeoutSecondsPath: definitePath,
      HeartbeatSeconds: integer(1, LONGEST_SECONDS),
      HeartbeatSecondsPath: definitePath,
    },
    required: ['Resource'],
    exclusive: [
      ['TimeoutSeconds', 'TimeoutSecondsPath'],
      ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
    ],
    isTerminal: false,
  },
  Pass: {
    fields: { ...withPaths, ...withNext, Result: anything, Parameters: template, ResultPath: resultPath },
    required: [],
    exclusive: [],
    isTerminal: false,
  },
  Wait: {
    fields: {
      ...withPaths,
      ...withNext,
      Seconds: integer(0, LONGEST_SECONDS),
      SecondsPath: definitePath,
      Timestamp: timestamp,
      TimestampPath: definitePath,
    },
    required: [],
    exclusive: [],
    oneOf: ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
    isTerminal: false,
  },
  Choice: {
    fields: { ...withPaths, Choices: choiceRules, Default: text },
    required: ['Choices'],
    exclusive: [],
    isTerminal: true,
  },
  Succeed: { fields: withPaths, required: [], exclusive: [], isTerminal: true },
  Fail: {
    fields: { ...described, Error: text, ErrorPath: expression, Cause: text, CausePath: expression },
    required: [],
    exclusive: [
      ['Error', 'ErrorPath'],
      ['Cause', 'CausePath'],
    ],
    isTerminal: true,
  },
  Map: {
    fields: {
      ...withPaths,
      ...withNext,
      ...withRecovery,
      ItemProcessor: anything,
      ItemsPath: definitePath,
      ItemSelector: template,
      MaxConcurrency: integer(0, LONGEST_SECONDS),
      MaxConcurrencyPath: definitePath,
      ToleratedFailureCount: integer(0, LONGEST_SECONDS),
      ToleratedFailureCountPath: definitePath,
      ToleratedFailurePercentage: number(0, 100),
      ToleratedFailurePercentagePath: definitePath,
      Label: text,
    },
    required: ['ItemProcessor'],
    exclusive: [
      ['MaxConcurrency', 'MaxConcurrencyPath'],
      ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
      ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
    ],
    isTerminal: false,
  },
};
