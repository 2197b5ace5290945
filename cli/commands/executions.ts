import { continuationName } from '../../domain/admission/continuation.ts';
import { executionName, isPartOf } from '../../domain/cluster/execution-name.ts';
import type { ExecutionFacts } from '../../domain/execution-history.ts';
import { millisecondsOf } from '../../report/read/history.ts';
import { CliFailure, EXIT_CODES, notFound, usageFailure } from '../failure.ts';
import { isAbsence } from '../follower.ts';
import type { CommandContext, OperandSpec } from './command.ts';
import { type Scope, scopeOf } from './execution-input.ts';

const ENV_NAME = 'EKS_NODEGROUP_UPGRADE_STATE_MACHINE';

/** Each scope has a state machine of its own, recognised by this part of its name. */
const namePart = (scope: Scope): string => `upgrade-${scope}`;

/** A state machine as the user names it, or its counterpart for the other scope, which the stack deploys beside it. */
const ofScope = (machine: string, scope: Scope): string =>
  machine.replace(/upgrade-(nodegroup|cluster)/, namePart(scope));

const wantedMachine = ({ options, env }: CommandContext): string | undefined =>
  options.text('state-machine') ?? (env[ENV_NAME] || undefined);

/** The ARN of the workflow to use: the named one, or the only one with the workflow's name. */
async function resolveStateMachine(context: CommandContext, scope: Scope): Promise<string> {
  const named = wantedMachine(context);
  const wanted = named === undefined ? undefined : ofScope(named, scope);
  if (wanted?.startsWith('arn:')) return wanted;
  const machines = await (await context.executions()).listStateMachines();
  const found = machines.filter(({ name }) =>
    wanted === undefined ? name.includes(namePart(scope)) : name === wanted,
  );
  const [only] = found;
  if (only === undefined) {
    throw notFound(
      wanted === undefined
        ? `no state machine in this account and region has ${namePart(scope)} in its name; deploy the workflow, or name it with --state-machine`
        : `there is no state machine ${wanted} in this account and region`,
    );
  }
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(', ');
    throw usageFailure(`the names of several state machines match (${names}); choose one with --state-machine`);
  }
  return only.stateMachineArn;
}

const isAbsent = (error: unknown): boolean =>
  error instanceof CliFailure ? error.exitCode === EXIT_CODES.unreachable : isAbsence(error);

/** Runs of groups and of clusters by their first executions, newest first. An older stack has no executions of clusters. */
export async function listAllExecutions(context: CommandContext): Promise<ExecutionFacts[]> {
  const executions = await context.executions();
  const list = async (scope: Scope) => executions.listNewest(await resolveStateMachine(context, scope));
  const ofGroups = await list('nodegroup');
  const ofClusters = await list('cluster').catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const startOf = ({ startDate }: ExecutionFacts) => millisecondsOf(startDate) ?? 0;
  const all = [...ofGroups, ...ofClusters].sort((left, right) => startOf(right) - startOf(left));
  // An execution that continues another one is no run of its own.
  const continuations = new Set(all.map(({ executionArn = '' }) => continuationName(executionArn)));
  return all.filter(({ name = '' }) => !continuations.has(name));
}

/** The operand of commands that show an execution. */
export const EXECUTION: OperandSpec = {
  name: 'EXECUTION',
  description: 'ARN or name of an execution; default: the newest one',
};

/** The ARN of the execution that the command's operand names; the newest one when it names none. */
export async function resolveExecution(context: CommandContext): Promise<string> {
  const wanted = context.operand;
  if (wanted?.startsWith('arn:')) return wanted;
  if (wanted !== undefined) return findByName(context, wanted);
  const all = await listAllExecutions(context);
  // The run of a cluster starts younger executions for its groups, but the user started the run of the cluster.
  const newest = all.find(({ name }) => !all.some((other) => isPartOf(other.name ?? '', name ?? '')));
  if (newest?.executionArn === undefined) throw notFound('the workflow has not been started yet; `start` starts it');
  return newest.executionArn;
}

/** A name may be that of an execution of a group or of a cluster. */
async function findByName(context: CommandContext, name: string): Promise<string> {
  const arnOf = (stateMachineArn: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const ofGroup = arnOf(await resolveStateMachine(context, 'nodegroup'));
  const executions = await context.executions();
  const exists = (arn: string) =>
    executions.describe(arn).then(
      () => true,
      (error: unknown) => {
        if (isAbsence(error)) return false;
        throw error;
      },
    );
  if (await exists(ofGroup)) return ofGroup;
  const clusterMachine = await resolveStateMachine(context, 'cluster').catch(() => undefined);
  if (clusterMachine !== undefined && (await exists(arnOf(clusterMachine)))) return arnOf(clusterMachine);
  // The next request for it fails with the error of AWS.
  return ofGroup;
}

const MAX_NAME = 80;

/** Start the workflow under a readable name: that of a whole cluster when the input names `nodegroups`. */
export async function startUpgrade(
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
): Promise<{ executionArn: string; name: string }> {
  const { env } = context;
  const scope = scopeOf(input);
  const group = String(scope === 'cluster' ? input.clusterName : (input.autoScalingGroupName ?? input.nodegroupName));
  const user = env.USER || env.LOGNAME || env.USERNAME || 'unknown';
  const chosen = context.options.text('name');
  if (chosen !== undefined && (chosen.length > MAX_NAME || !/^[A-Za-z0-9_-]+$/.test(chosen))) {
    throw usageFailure(`--name must be at most ${MAX_NAME} letters, digits, - and _`);
  }
  const name = chosen ?? executionName(group, context.now().toISOString(), user, context.suffix());
  const stateMachineArn = await resolveStateMachine(context, scope);
  const executions = await context.executions();
  return { executionArn: await executions.start({ stateMachineArn, name, input: JSON.stringify(input) }), name };
}
