import type { AutoScalingGroup } from '../aws/auto-scaling/state/group.ts';
import { isAwsError } from '../aws/aws-error.ts';
import type { AwsService } from '../aws/aws-service.ts';
import { OPERATOR_CREDENTIALS } from '../credentials.ts';
import type { RequestHandler } from '../server/http.ts';
import type { StateMachine } from '../step-functions/executions/execution.ts';
import type { SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import type { Actor, Scenario } from '../world/scenario.ts';
import { chooseMembers } from './choose-members.ts';
import { actOnLease, actOnNode } from './cluster-actors.ts';
import { groupRequest } from './group-actors.ts';

/** What became of an actor's request. */
export interface ActorReport {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: Actor;
  /** The instance that it was about, where the actor chose some. */
  readonly instanceId?: string | undefined;
  /** In the words of AWS or of the API server; absent when the request was accepted. */
  readonly refusal?: string | undefined;
}

/** What `scheduleActors` needs. */
export interface ActorsOptions {
  readonly scenario: Scenario;
  readonly clock: SandboxClock;
  readonly random: Random;
  readonly services: readonly AwsService[];
  readonly groups: ReadonlyMap<string, AutoScalingGroup>;
  /** By cluster name, API servers as administrators reach them. */
  readonly administrators: ReadonlyMap<string, RequestHandler>;
  readonly machines: readonly Pick<StateMachine, 'name' | 'arn'>[];
}

interface Context extends ActorsOptions {
  /** By group, ids of the instances with which it started. */
  readonly startedWith: ReadonlyMap<string, readonly string[]>;
}

type Outcome = Pick<ActorReport, 'instanceId' | 'refusal'>;

async function askAws(
  { services, scenario }: Context,
  service: string,
  action: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Outcome> {
  const { region, accountId } = scenario;
  const context = { caller: OPERATOR_CREDENTIALS.accessKeyId, region, accountId };
  try {
    await services.find(({ name }) => name === service)?.dispatch(action, input, context);
    return {};
  } catch (thrown) {
    if (!isAwsError(thrown)) throw thrown;
    return { refusal: `${thrown.code}: ${thrown.message}` };
  }
}

const handlerOf = ({ administrators }: Context, clusterName: string) =>
  administrators.get(clusterName) as RequestHandler;

const isAboutNodes = (actor: Actor): actor is Parameters<typeof actOnNode>[0] =>
  ['taintNodes', 'untaintNodes', 'cordonNodes', 'uncordonNodes', 'deleteNodes'].includes(actor.kind);

/** Do what an actor does, now. */
async function act(context: Context, actor: Actor): Promise<Outcome[]> {
  if (actor.kind === 'startExecution') {
    const { stateMachine, name, input } = actor;
    const arn = context.machines.find((machine) => machine.name === stateMachine)?.arn;
    const request = { stateMachineArn: arn, input: JSON.stringify(input), ...(name !== undefined && { name }) };
    return [await askAws(context, 'states', 'StartExecution', request)];
  }
  if (actor.kind === 'deleteLease' || actor.kind === 'annotateLease')
    return [{ refusal: await actOnLease(actor, handlerOf(context, actor.cluster)) }];
  const group = context.groups.get(actor.group);
  if (group === undefined) return [{ refusal: `there is no group ${actor.group} any more` }];
  const isChoosing = isAboutNodes(actor) || actor.kind === 'enterStandby';
  const chosen = isChoosing
    ? chooseMembers(group, actor, context.startedWith.get(group.name) ?? [], context.random)
    : [];
  if (isChoosing && chosen.length === 0) return [{ refusal: `no such node of ${actor.group} is there any more` }];
  if (!isAboutNodes(actor)) {
    const instanceIds = chosen.map(({ instance }) => instance.instanceId);
    const request = groupRequest(actor, group, context.clock.now(), instanceIds);
    return [await askAws(context, 'autoscaling', ...request)];
  }
  const outcomes: Outcome[] = [];
  for (const { instance } of chosen) {
    const refusal = await actOnNode(actor, handlerOf(context, group.clusterName), instance.privateDnsName);
    outcomes.push({ instanceId: instance.instanceId, refusal });
  }
  return outcomes;
}

/**
 * Schedule what the actors of a scenario do.
 *
 * @returns what they have done so far; it grows
 * @throws Error for a state machine that there is not
 */
export function scheduleActors(options: ActorsOptions): readonly ActorReport[] {
  const { scenario, clock, groups, machines } = options;
  const reports: ActorReport[] = [];
  const startedWith = new Map([...groups].map(([name, { members }]) => [name, [...members.keys()]]));
  const context = { ...options, startedWith };
  for (const actor of scenario.actors) {
    if (actor.kind === 'startExecution' && !machines.some(({ name }) => name === actor.stateMachine))
      throw new Error(
        `actor startExecution: there is no state machine ${actor.stateMachine}, only ${machines.map(({ name }) => name).join(', ') || 'none'}`,
      );
    clock.after(actor.atSeconds, () => {
      const at = clock.now();
      void clock.run(async () => {
        for (const outcome of await act(context, actor)) reports.push({ at, actor, ...outcome });
      });
    });
  }
  return reports;
}
