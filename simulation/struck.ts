import type { Fault } from 'eks-sandbox/scenario';
import { executionsOf } from './ledger/executions.ts';
import type { SeenRequest } from './seen-requests.ts';
import type { SimulatedWorld } from './world.ts';

/** What is known of a world when it is over. */
interface Seen {
  readonly requests: readonly SeenRequest[];
  /** Errors of Lambda functions in all histories. */
  readonly errors: readonly string[];
  readonly failedLaunches: number;
  readonly seconds: number;
}

/** The actions whose answers can be old. */
const LAGGING: Readonly<Record<string, RegExp>> = {
  autoscaling: /^Describe(AutoScaling|ScalingActivities|InstanceRefreshes|ScheduledActions|Lifecycle|Tags)/,
  ec2: /^Describe(Instances|LaunchTemplate|Tags|Volumes)/,
  eks: /^GET \/clusters\/[^/]+\/(node-groups|updates)/,
};

const isThrottled = ({ status, code }: SeenRequest) =>
  status === 429 || /Throttl|RequestLimitExceeded|TooManyRequests/.test(code);

/** Whether a request shows that a fault of the scenario is there. */
function isFelt(fault: Fault, request: SeenRequest): boolean {
  const { plane, action, status, code, atSeconds } = request;
  switch (fault.kind) {
    case 'throttle':
    case 'rateLimit':
      return isThrottled(request);
    case 'fail':
      return action === fault.action && (code === fault.error || status >= 400);
    case 'oddAnswer':
      return action === fault.action;
    case 'staleAnswers':
      return LAGGING[fault.service]?.test(action) === true && request.secondsSinceWrite <= fault.secondsAgo;
    case 'staleLists':
      return request.isCachedList;
    case 'denied':
      return status === fault.status;
    case 'watchEnds':
      return request.isWatch && action === `GET ${fault.resource}`;
    case 'evictionWebhook':
    case 'evictionPolicy':
      return action === 'POST pods/eviction' && status >= 400 && status !== 429;
    case 'apiServerAway':
      return plane === 'kubernetes' && status === 0 && atSeconds <= fault.fromSeconds + fault.forSeconds;
    case 'iamDenies':
      return code.startsWith('AccessDenied') || code === 'UnauthorizedOperation';
    case 'staleExecutions':
      return action === 'DescribeExecution' || action === 'ListExecutions';
    default:
      return false;
  }
}

/** How often a fault of the scenario was felt. */
function timesFelt(fault: Fault, { requests, errors, failedLaunches, seconds }: Seen): number {
  const count = (error: string) => errors.filter((each) => each === error).length;
  switch (fault.kind) {
    case 'insufficientCapacity':
      return failedLaunches;
    case 'functionCrashes':
      return count('Runtime.ExitError');
    case 'functionTimesOut':
      return count('Sandbox.Timedout');
    case 'functionAsleep':
      return count(fault.error);
    case 'functionFreezes':
    case 'loseEvents':
      return fault.fromSeconds <= seconds ? 1 : 0;
  }
  if ('atSeconds' in fault) return fault.atSeconds <= seconds ? 1 : 0;
  const { fromSeconds = 0, untilSeconds = seconds } = fault as { fromSeconds?: number; untilSeconds?: number };
  const felt = requests.filter(
    (request) => request.atSeconds >= fromSeconds && request.atSeconds <= untilSeconds && isFelt(fault, request),
  ).length;
  return 'times' in fault ? Math.min(fault.times, felt) : felt;
}

function seenOf(world: SimulatedWorld, requests: readonly SeenRequest[]): Seen {
  const errors = executionsOf(world).flatMap(({ history }) =>
    history
      .all()
      .flatMap((event) => (event.lambdaFunctionFailedEventDetails as { error?: string } | undefined)?.error ?? []),
  );
  const activities = [...world.region.state.autoScaling.groups.values()].flatMap(({ activities: log }) => log.list());
  const failedLaunches = activities.filter(({ status }) => status === 'Failed').length;
  return { requests, errors, failedLaunches, seconds: world.seconds() };
}

/** Count what went wrong in a world, by kind: only what was felt. */
export function countStruck(world: SimulatedWorld, requests: readonly SeenRequest[]): Record<string, number> {
  const counts = new Map<string, number>(world.struck);
  const add = (kind: string, times: number) => {
    if (times > 0) counts.set(kind, (counts.get(kind) ?? 0) + times);
  };
  const seen = seenOf(world, requests);
  const { faults } = world.scenario;
  const kinds = new Set(faults.map(({ kind }) => kind));
  for (const kind of kinds)
    add(kind, Math.max(...faults.filter((fault) => fault.kind === kind).map((fault) => timesFelt(fault, seen))));
  for (const { actor, refusal } of world.actorReports) add(actor.kind, refusal === undefined ? 1 : 0);
  add('clocks that differ', world.given.lambdaClockBehindSeconds === 0 ? 0 : 1);
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
