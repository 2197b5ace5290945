import { executionName } from '../../domain/report/execution-name.ts';
import { notFound, usageFailure } from '../cli-failure.ts';
import { allPages } from '../history-source.ts';
import type { CommandContext } from './command.ts';

const DEFAULT_NAME_PART = 'upgrade-nodegroup';
const ENV_NAME = 'EKS_NODEGROUP_UPGRADE_STATE_MACHINE';

/** The ARN of the workflow to use: the one named, or the only one that looks like ours. */
export async function resolveStateMachine(context: CommandContext): Promise<string> {
  const wanted = context.options.text('state-machine') ?? (context.env[ENV_NAME] || undefined);
  if (wanted?.startsWith('arn:')) return wanted;
  const client = context.stepFunctions();
  const machines = await allPages((nextToken) => client.listStateMachines(nextToken));
  const found = machines.filter(({ name }) =>
    wanted === undefined ? name.includes(DEFAULT_NAME_PART) : name === wanted,
  );
  const [only] = found;
  if (only === undefined) {
    throw notFound(
      wanted === undefined
        ? `no state machine in this account and region has ${DEFAULT_NAME_PART} in its name; deploy the workflow, or name it with --state-machine`
        : `there is no state machine ${wanted} in this account and region`,
    );
  }
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(', ');
    throw usageFailure(`several state machines look like the workflow (${names}); choose one with --state-machine`);
  }
  return only.stateMachineArn;
}

/** The ARN of the execution that the command's operand names; the newest one when it names none. */
export async function resolveExecution(context: CommandContext): Promise<string> {
  const [wanted] = context.operands;
  if (wanted?.startsWith('arn:')) return wanted;
  const stateMachineArn = await resolveStateMachine(context);
  if (wanted !== undefined) return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${wanted}`;
  const { items } = await context.stepFunctions().listExecutions({ stateMachineArn });
  const newest = items[0]?.executionArn;
  if (newest === undefined) throw notFound('the workflow has not been started yet; `start` starts it');
  return newest;
}

const MAX_NAME = 80;

/** Start the workflow under a readable name. */
export async function startUpgrade(
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
): Promise<{ executionArn: string; name: string }> {
  const { env } = context;
  const group = String(input.autoScalingGroupName ?? input.nodegroupName);
  const user = env.USER || env.LOGNAME || env.USERNAME || 'unknown';
  const chosen = context.options.text('name');
  if (chosen !== undefined && (chosen.length > MAX_NAME || !/^[A-Za-z0-9_-]+$/.test(chosen))) {
    throw usageFailure(`--name must be at most ${MAX_NAME} letters, digits, - and _`);
  }
  const name = chosen ?? executionName(group, context.now().toISOString(), user, context.suffix());
  const stateMachineArn = await resolveStateMachine(context);
  const started = await context.stepFunctions().startExecution({ stateMachineArn, name, input: JSON.stringify(input) });
  return { ...started, name };
}
