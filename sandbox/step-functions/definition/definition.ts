import type { Json, JsonObject } from '../expressions/json.ts';

/** Resource of a Task that starts an execution of another state machine and waits for its end. */
export const NESTED_EXECUTION = 'arn:aws:states:::states:startExecution.sync:2';

/**
 * A Lambda function: its ARN, or the CloudFormation intrinsic `{ 'Fn::GetAtt': [functionKey, 'Arn'] }`. Or the service
 * integration that runs an execution of another machine (`NESTED_EXECUTION`).
 */
export type TaskResource = string | { readonly 'Fn::GetAtt': readonly [string, 'Arn'] };

/** When and how often a failed state is tried again. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** Where a failed state goes on. */
export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

/** A comparison, or a combination of them; a rule of a Choice state's list also names the next state. */
export interface ChoiceRule {
  readonly Variable?: string;
  readonly And?: readonly ChoiceRule[];
  readonly Or?: readonly ChoiceRule[];
  readonly Not?: ChoiceRule;
  readonly Next?: string;
  /** The comparison: `StringEquals`, `NumericLessThanPath`, `IsPresent`, … */
  readonly [operator: string]: unknown;
}

interface Described {
  readonly Comment?: string;
  readonly QueryLanguage?: 'JSONPath';
}

interface WithPaths extends Described {
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}

interface WithNext {
  readonly Next?: string;
  readonly End?: boolean;
}

interface WithResult {
  readonly ResultPath?: string | null;
}

interface WithRecovery {
  readonly ResultSelector?: JsonObject;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends WithPaths, WithNext, WithResult, WithRecovery {
  readonly Type: 'Task';
  readonly Resource: TaskResource;
  readonly Parameters?: JsonObject;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  /** Accepted; a Lambda function invoked directly sends no heartbeats. */
  readonly HeartbeatSeconds?: number;
  readonly HeartbeatSecondsPath?: string;
}

export interface PassState extends WithPaths, WithNext, WithResult {
  readonly Type: 'Pass';
  readonly Result?: Json;
  readonly Parameters?: JsonObject;
}

export interface WaitState extends WithPaths, WithNext {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

export interface ChoiceState extends WithPaths {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

export interface SucceedState extends WithPaths {
  readonly Type: 'Succeed';
}

export interface FailState extends Described {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

export interface ItemProcessor {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly ProcessorConfig?:
    | { readonly Mode: 'INLINE' }
    | { readonly Mode: 'DISTRIBUTED'; readonly ExecutionType: 'STANDARD' };
}

export interface MapState extends WithPaths, WithNext, WithResult, WithRecovery {
  readonly Type: 'Map';
  readonly ItemProcessor: ItemProcessor;
  readonly ItemsPath?: string;
  readonly ItemSelector?: JsonObject;
  readonly MaxConcurrency?: number;
  readonly MaxConcurrencyPath?: string;
  readonly ToleratedFailureCount?: number;
  readonly ToleratedFailureCountPath?: string;
  readonly ToleratedFailurePercentage?: number;
  readonly ToleratedFailurePercentagePath?: string;
  readonly Label?: string;
}

export type State = TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | MapState;

/** A state machine in the subset of the Amazon States Language that this interpreter runs as AWS does. */
export interface MachineDefinition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
  readonly Version?: '1.0';
  readonly QueryLanguage?: 'JSONPath';
}

/** Whether a Map state runs each item as a child execution. */
export const isDistributed = (state: MapState): boolean => state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
