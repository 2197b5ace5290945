import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { checkDefinition, type DefinitionCheck } from './definition/check-definition.ts';
import { executionArn, functionArn, mapRunArn, type Place, roleArn, stateMachineArn } from './executions/arns.ts';
import type { Execution, ExecutionStatus, StateMachine } from './executions/execution.ts';
import { isLegalName } from './executions/execution-name.ts';
import { createHistory, EVENT_LIMIT } from './executions/history.ts';
import type { MapRun } from './executions/map-run.ts';
import { randomUuid } from './expressions/intrinsics.ts';
import { isObject, type Payload } from './expressions/json.ts';
import type { MapRunKeeper } from './interpreter/distributed-map.ts';
import { createInterpreter } from './interpreter/interpreter.ts';
import type { ExecutionStarter } from './interpreter/nested-execution.ts';
import type { InvokeFunction } from './interpreter/task.ts';
import { abortThread, type NoteAbort, type Step, type Thread } from './interpreter/thread.ts';

/** What an execution leaves, and the event that its end follows. */
interface Ending {
  readonly output?: Payload;
  readonly failure?: { readonly error?: string | undefined; readonly cause?: string | undefined };
  readonly followsId?: number;
}

/** A state machine as CloudFormation would be given it. */
export interface MachineSource {
  readonly name: string;
  /** What other definitions call it by: `{ Ref: logicalId }` becomes its ARN. */
  readonly logicalId?: string;
  readonly definition: unknown;
}

/** What `createStepFunctions` needs. */
export interface StepFunctionsDependencies extends Place {
  /** Each definition as an object, e.g. parsed YAML; anything outside the subset is refused. */
  readonly definitions: readonly MachineSource[];
  /** `checkDefinition` by default. */
  readonly check?: DefinitionCheck;
  readonly clock: SandboxClock;
  readonly random: Random;
  /** Calls the function with this key of serverless.yml; what it rejects with is the error of the Task, by its `name`. */
  readonly invokeFunction: InvokeFunction;
}

/** The state machines of one account and region, and everything that ran. */
export interface StepFunctions {
  readonly machines: readonly StateMachine[];
  findMachine(arn: string): StateMachine | undefined;
  findExecution(arn: string): Execution | undefined;
  /** The execution of a machine with this name. */
  findNamed(machine: StateMachine, name: string): Execution | undefined;
  findMapRun(arn: string): MapRun | undefined;
  /** Executions of a machine in the order of their starts, child executions left out. */
  executionsOf(machine: StateMachine): readonly Execution[];
  /** Map Runs of an execution in the order of their starts. */
  mapRunsOf(execution: Execution): readonly MapRun[];
  /** Start an execution; its first state is entered before this returns. The name must be free. */
  start(machine: StateMachine, input: Payload, name?: string): Execution;
  /**
   * Start an execution, or return the one of this name that runs with the same input.
   *
   * @returns `undefined` when the name is taken otherwise
   */
  startOrJoin(machine: StateMachine, input: Payload, name?: string): Execution | undefined;
  /** Abort an execution and the child executions of its Map Runs. Nothing happens when it is over. */
  stop(execution: Execution, failure: { error?: string | undefined; cause?: string | undefined }): void;
  /** Name the Lambda function that a Task's Resource stands for. */
  functionArn(functionKey: string): string;
}

/** The one member of an object that is an intrinsic function of CloudFormation. */
const intrinsicOf = (value: Record<string, unknown>, name: string): unknown =>
  Object.keys(value).length === 1 ? value[name] : undefined;

/**
 * Resolve what CloudFormation would before Step Functions sees a definition: `{ Ref: logicalId }` of a state machine is its
 * ARN, and `${AWS::Partition}` in an `Fn::Sub` is `aws`.
 */
function resolveIntrinsics(definition: unknown, arns: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(definition)) return definition.map((item) => resolveIntrinsics(item, arns));
  if (!isObject(definition)) return definition;
  const [logicalId, template] = [intrinsicOf(definition, 'Ref'), intrinsicOf(definition, 'Fn::Sub')];
  if (typeof logicalId === 'string' && arns.has(logicalId)) return arns.get(logicalId);
  if (typeof template === 'string') return template.replaceAll('${AWS::Partition}', 'aws');
  return Object.fromEntries(Object.entries(definition).map(([name, inner]) => [name, resolveIntrinsics(inner, arns)]));
}

/**
 * Create the state machines and the interpreter that runs them on the sandbox's clock.
 *
 * @throws Error named `InvalidDefinition` when a definition is outside the supported subset
 */
export function createStepFunctions(dependencies: StepFunctionsDependencies): StepFunctions {
  const { definitions, check = checkDefinition, clock, invokeFunction, region, accountId } = dependencies;
  const place = { region, accountId };
  const ids = dependencies.random.fork('step-functions/ids');
  const instant = () => Math.floor(clock.now());

  const arnsByLogicalId = new Map(
    definitions.flatMap(({ logicalId, name }) =>
      logicalId === undefined ? [] : [[logicalId, stateMachineArn(place, name)] as const],
    ),
  );
  const machines = definitions.map(
    ({ name, definition }): StateMachine => ({
      arn: stateMachineArn(place, name),
      name,
      roleArn: roleArn(place, name),
      definition: check(resolveIntrinsics(definition, arnsByLogicalId)),
      createdAt: instant(),
    }),
  );
  const machinesByArn = new Map(machines.map((machine) => [machine.arn, machine]));
  const executions = new Map<string, Execution>();
  const executionsByMachine = new Map(machines.map((machine) => [machine, [] as Execution[]]));
  const mapRuns = new Map<string, MapRun>();
  const mapRunsByExecution = new Map<Execution, MapRun[]>();

  /** Adds what was aborted to the history while there is room, without a place in the order of events, as AWS does. */
  const noteAborted =
    ({ history }: Execution): NoteAbort =>
    (type, first, second) => {
      // The execution as a whole ends: single Task and Wait states are not mentioned then.
      const isMentioned = type.startsWith('Map');
      if (isMentioned && history.length < EVENT_LIMIT - 1) history.add(type, instant(), history.length, first, second);
    };

  const close = (
    execution: Execution,
    status: Exclude<ExecutionStatus, 'RUNNING'>,
    { output, failure, followsId = 0 }: Ending,
  ) => {
    if (execution.status !== 'RUNNING') return;
    const { thread, history } = execution;
    execution.cancelTimeout?.();
    execution.status = status;
    execution.stoppedAt = instant();
    execution.output = output;
    execution.error = failure?.error;
    execution.cause = failure?.cause;
    execution.thread = undefined;
    execution.cancelTimeout = undefined;
    if (thread !== undefined) abortThread(thread, noteAborted(execution));
    if (status === 'SUCCEEDED') history.add('ExecutionSucceeded', instant(), followsId, undefined, output?.text);
    if (status === 'FAILED') history.add('ExecutionFailed', instant(), followsId, failure?.error, failure?.cause);
    if (status === 'TIMED_OUT') history.add('ExecutionTimedOut', instant(), 0);
    if (status === 'ABORTED') history.add('ExecutionAborted', instant(), 0, failure?.error, failure?.cause);
    for (const tell of execution.onClosed) tell(execution);
  };

  const run = (
    base: Pick<
      Execution,
      'arn' | 'name' | 'machine' | 'stateMachineArn' | 'definition' | 'input' | 'mapRun' | 'onClosed'
    >,
    onStarted: (execution: Execution) => void,
  ): Execution => {
    const execution: Execution = {
      ...base,
      order: executions.size,
      startedAt: instant(),
      history: createHistory(),
      random: dependencies.random.fork(base.arn),
      status: 'RUNNING',
      stoppedAt: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
      thread: undefined,
      cancelTimeout: undefined,
    };
    const thread: Thread = {
      execution,
      states: base.definition.States,
      mapItem: undefined,
      onEnd: (step) => end(execution, thread, step),
      lastEventId: 0,
      pending: undefined,
      isOver: false,
    };
    execution.thread = thread;
    executions.set(execution.arn, execution);
    onStarted(execution);
    const { StartAt: startAt, TimeoutSeconds: timeoutSeconds } = base.definition;
    if (timeoutSeconds !== undefined) {
      const timer = clock.after(timeoutSeconds, () => close(execution, 'TIMED_OUT', {}));
      execution.cancelTimeout = () => timer.cancel();
    }
    // Its first state follows event 0, as on AWS.
    execution.history.add('ExecutionStarted', instant(), 0, base.machine.roleArn, base.input.text);
    interpreter.begin(thread, startAt, base.input);
    return execution;
  };

  const end = (execution: Execution, thread: Thread, step: Step & { kind: 'ended' | 'failed' }) => {
    const followsId = thread.lastEventId;
    if (step.kind === 'ended') close(execution, 'SUCCEEDED', { output: step.payload, followsId });
    else close(execution, 'FAILED', { failure: step.failure, followsId });
  };

  const keeper: MapRunKeeper = {
    openMapRun({ thread: { execution: parent }, state, stateName }, details) {
      const label = state.Label ?? stateName;
      const mapRun: MapRun = {
        ...details,
        arn: mapRunArn(place, parent.machine.name, label, randomUuid(ids)),
        label,
        stateMachineArn: stateMachineArn(place, `${parent.machine.name}/${label}`),
        parent,
        startedAt: instant(),
      };
      mapRuns.set(mapRun.arn, mapRun);
      const earlier = mapRunsByExecution.get(parent);
      if (earlier === undefined) mapRunsByExecution.set(parent, [mapRun]);
      else earlier.push(mapRun);
      return mapRun;
    },
    startChild(mapRun, { ItemProcessor: definition }, input, { onStarted, onClosed }) {
      const { machine } = mapRun.parent;
      const name = randomUuid(ids);
      const childMachine = `${machine.name}/${mapRun.label}`;
      run(
        {
          arn: executionArn(place, childMachine, name),
          name,
          machine,
          stateMachineArn: mapRun.stateMachineArn,
          definition,
          input,
          mapRun,
          onClosed: new Set([onClosed]),
        },
        (child) => {
          mapRun.children.push(child);
          onStarted(child);
        },
      );
    },
    abortChild: (child) => close(child, 'ABORTED', {}),
  };

  const findNamed = (machine: StateMachine, name: string) => executions.get(executionArn(place, machine.name, name));

  const start: StepFunctions['start'] = (machine, input, name = randomUuid(ids)) => {
    const arn = executionArn(place, machine.name, name);
    if (executions.has(arn)) throw new Error(`the execution ${arn} exists already`);
    return run(
      {
        arn,
        name,
        machine,
        stateMachineArn: machine.arn,
        definition: machine.definition,
        input,
        mapRun: undefined,
        onClosed: new Set(),
      },
      (execution) => executionsByMachine.get(machine)?.push(execution),
    );
  };

  const startOrJoin: StepFunctions['startOrJoin'] = (machine, input, name) => {
    const existing = name === undefined ? undefined : findNamed(machine, name);
    if (existing === undefined) return start(machine, input, name);
    return existing.status === 'RUNNING' && existing.input.text === input.text ? existing : undefined;
  };

  const starter: ExecutionStarter = {
    region,
    startNested({ stateMachineArn: machineArn, name, input }) {
      const machine = machinesByArn.get(machineArn);
      const refused = (code: string, cause: string) => ({ error: `StepFunctions.${code}Exception`, cause });
      if (machine === undefined) {
        return refused('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`);
      }
      if (name !== undefined && !isLegalName(name)) return refused('InvalidName', `Invalid Name: '${name}'`);
      const started = startOrJoin(machine, input, name);
      return (
        started ??
        refused(
          'ExecutionAlreadyExists',
          `Execution Already Exists: '${executionArn(place, machine.name, name as string)}'`,
        )
      );
    },
    whenClosed(execution, tell) {
      // Never within the call that asks: a child may be over before its parent has begun to wait.
      let timer = execution.status === 'RUNNING' ? undefined : clock.after(0, tell);
      const onClosed = () => {
        timer = clock.after(0, tell);
      };
      execution.onClosed.add(onClosed);
      return {
        forget() {
          execution.onClosed.delete(onClosed);
          timer?.cancel();
        },
      };
    },
    stopNested: (execution) => close(execution, 'ABORTED', {}),
    requestId: () => randomUuid(ids),
  };

  const interpreter = createInterpreter({
    clock,
    invokeFunction,
    functionArn: (functionKey) => functionArn(place, functionKey),
    keeper,
    starter,
    endOverlong: (execution, failure) => close(execution, 'FAILED', { failure, followsId: execution.history.length }),
  });

  return {
    machines,
    findMachine: (arn) => machinesByArn.get(arn),
    findExecution: (arn) => executions.get(arn),
    findNamed,
    findMapRun: (arn) => mapRuns.get(arn),
    executionsOf: (machine) => executionsByMachine.get(machine) ?? [],
    mapRunsOf: (execution) => mapRunsByExecution.get(execution) ?? [],
    functionArn: (functionKey) => functionArn(place, functionKey),
    start,
    startOrJoin,
    stop(execution, { error, cause }) {
      if (execution.status === 'RUNNING') close(execution, 'ABORTED', { failure: { error, cause } });
    },
  };
}
