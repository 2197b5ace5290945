import type { Deps } from '../../clients/ports.ts';
import { nodeStateMachineArn } from '../../domain/admission/node-execution.ts';
import { type EndedRun, groupOfInput } from '../../domain/nodegroup/ended-run.ts';
import { executionNameOf } from '../../domain/nodegroup/node-ownership.ts';
import { groupNameOf } from '../../operations/clean-up/janitor.ts';
import { notFound, notNow, usageFailure } from '../failure.ts';
import type { CommandContext, OperandSpec } from './command.ts';
import { listAllExecutions, resolveExecution } from './executions.ts';

/** A run that an operator steers, and everything to do it with. */
export interface SteeredRun {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly clusterName: string;
  readonly autoScalingGroupName: string;
  readonly engine: 'workflow' | 'eks';
  readonly deps: Deps;
}

/** The operand of commands that steer a run. */
export const RUN: OperandSpec = {
  name: 'EXECUTION',
  description: 'ARN or name of the execution of a group; default: the run that is under way',
};

/** An execution whose input was read. */
interface Found extends EndedRun {
  readonly status: string;
  readonly engine: 'workflow' | 'eks';
}

const engineOf = ({ nodegroupName }: EndedRun, input: string | undefined): Found['engine'] => {
  const { engine } = JSON.parse(input ?? '{}') as { engine?: unknown };
  if (engine === 'eks' || engine === 'workflow') return engine;
  return nodegroupName === undefined ? 'workflow' : 'eks';
};

/** Read what an execution is about; `undefined` for a dry run and for the run of a cluster. */
async function read(context: CommandContext, executionArn: string): Promise<Found | undefined> {
  const { status = 'RUNNING', input } = await (await context.executions()).describe(executionArn);
  const run = groupOfInput(executionArn, input);
  const isOfGroup = run?.autoScalingGroupName !== undefined || run?.nodegroupName !== undefined;
  return run === undefined || !isOfGroup ? undefined : { ...run, status, engine: engineOf(run, input) };
}

/** The only run under way. @throws when there is none, or several */
async function findUnderWay(context: CommandContext): Promise<Found> {
  const running = (await listAllExecutions(context)).filter(({ status }) => status === 'RUNNING');
  const found: Found[] = [];
  for (const { executionArn } of running) {
    const run = executionArn === undefined ? undefined : await read(context, executionArn);
    if (run !== undefined) found.push(run);
  }
  const [only] = found;
  if (only === undefined) throw notFound('no upgrade is under way; `list` shows those that have ended');
  if (found.length > 1) {
    const names = found.map(({ executionArn }) => executionNameOf(executionArn)).join(', ');
    throw usageFailure(`several upgrades are under way (${names}): name one`);
  }
  return only;
}

/** The newest run of a group, under way or not. */
async function findNewest(context: CommandContext): Promise<Found> {
  for (const { executionArn } of await listAllExecutions(context)) {
    const run = executionArn === undefined ? undefined : await read(context, executionArn);
    if (run !== undefined) return run;
  }
  throw notFound('no upgrade of a group has been started yet');
}

async function findNamed(context: CommandContext): Promise<Found> {
  const executionArn = await resolveExecution(context);
  const run = await read(context, executionArn);
  if (run !== undefined) return run;
  throw notNow(`${executionNameOf(executionArn)} is a dry run or the run of a cluster: name the run of a group`);
}

/**
 * Find the run that a command is about: the one that is named, else the one under way, or the newest one.
 *
 * @throws {CliFailure}
 */
export async function findSteeredRun(
  context: CommandContext,
  unnamed: 'underWay' | 'newest' = 'underWay',
): Promise<SteeredRun> {
  const find = context.operand !== undefined ? findNamed : unnamed === 'newest' ? findNewest : findUnderWay;
  const run = await find(context);
  const reader = await context.reader();
  const machine = nodeStateMachineArn(run.executionArn);
  const deps: Deps =
    machine === undefined ? reader.deps : { ...reader.deps, nodeExecutions: await reader.nodeExecutions(machine) };
  const autoScalingGroupName = await groupNameOf(deps, run);
  if (autoScalingGroupName === undefined) {
    throw notFound(`cluster ${run.clusterName} has no node group ${run.nodegroupName} any more`);
  }
  const { executionArn, status, clusterName, engine } = run;
  return {
    executionArn,
    name: executionNameOf(executionArn),
    status,
    clusterName,
    autoScalingGroupName,
    engine,
    deps,
  };
}

/** What ended runs are called in sentences. */
const ENDINGS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'has succeeded',
  FAILED: 'has failed',
  ABORTED: 'was stopped',
  TIMED_OUT: 'has timed out',
};

/** Refuse a run that has ended. @throws {CliFailure} */
export function throwIfEnded({ name, status }: SteeredRun, whatFor: string): void {
  if (status === 'RUNNING') return;
  throw notNow(`${name} ${ENDINGS[status] ?? 'has ended'} already: there is nothing to ${whatFor}`);
}

/** Why an order cannot be given yet, or any more. */
export const notHeld = ({ name, autoScalingGroupName }: SteeredRun) =>
  notNow(
    `${name} does not hold the lock of ${autoScalingGroupName}: it is still planning, or about to end; try again in a moment`,
  );

/** Print one sentence, or JSON. */
export function printOutcome({ options, stdout }: CommandContext, sentence: string, data: object): void {
  stdout.write(`${options.flag('json') ? JSON.stringify(data) : sentence}\n`);
}

/** The reason that the user gives, else who it is. */
export const reasonOf = ({ options, env }: CommandContext, done: string): string =>
  options.text('reason') ?? `${done} by ${env.USER || env.LOGNAME || env.USERNAME || 'an operator'}`;
