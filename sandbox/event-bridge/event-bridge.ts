import type { Place } from '../step-functions/executions/arns.ts';
import { randomUuid } from '../step-functions/expressions/intrinsics.ts';
import type { InvokeFunction } from '../step-functions/interpreter/task.ts';
import type { StepFunctions } from '../step-functions/state-machines.ts';
import { isoSeconds, type SandboxClock } from '../world/clock.ts';
import type { Random } from '../world/random.ts';
import { secondsOfRate } from '../world/rate.ts';
import type { EventRule } from '../world/scenario/event-rule.ts';
import { lastsAt } from '../world/scenario/spell.ts';
import type { Fault } from '../world/scenario.ts';
import { callLater } from './call-later.ts';
import { matchesPattern } from './pattern.ts';
import { type EventBridgeEvent, statusChange } from './status-change.ts';

/** From a change until the functions of the rules are called. */
const DELIVERY_SECONDS = 1;

export interface EventBridgeOptions extends Place {
  readonly rules: readonly EventRule[];
  readonly faults: readonly Fault[];
  readonly clock: SandboxClock;
  /** Of event ids. */
  readonly random: Random;
  readonly invokeFunction: InvokeFunction;
}

const scheduledEvent = ({ region, accountId }: Place, id: string, at: number, { name }: EventRule) => ({
  version: '0',
  id,
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: accountId,
  time: isoSeconds(at),
  region,
  resources: [`arn:aws:events:${region}:${accountId}:rule/${name}`],
  detail: {},
});

/**
 * Call functions by the rules of EventBridge: when the status of an execution changes, and at fixed rates.
 *
 * Events come a second after what they tell; those that the scenario loses (`loseEvents`) never come.
 */
export function connectEventBridge(options: EventBridgeOptions, stepFunctions: StepFunctions): void {
  const { rules, faults, clock, random } = options;
  const startedAt = clock.now();
  const losses = faults.filter((fault) => fault.kind === 'loseEvents');
  const isLost = () => {
    const seconds = (clock.now() - startedAt) / 1000;
    return losses.some((loss) => lastsAt(loss, seconds));
  };

  const deliver = ({ function: functionKey }: EventRule, event: EventBridgeEvent) =>
    void clock.after(DELIVERY_SECONDS, () => void callLater(options, functionKey, event));

  const onEvents = rules.flatMap((rule) => (rule.pattern === undefined ? [] : [{ rule, pattern: rule.pattern }]));
  stepFunctions.onStatusChange((execution) => {
    if (onEvents.length === 0 || isLost()) return;
    const redriveStatusReason = stepFunctions.whyNotRedrivable(execution);
    const at = Math.floor(clock.now());
    const event = statusChange(options, { id: randomUuid(random), at, redriveStatusReason }, execution);
    for (const { rule, pattern } of onEvents) if (matchesPattern(pattern, event)) deliver(rule, event);
  });

  for (const rule of rules) {
    const everySeconds = rule.rate === undefined ? undefined : secondsOfRate(rule.rate);
    if (everySeconds === undefined) continue;
    const fire = () => {
      clock.after(everySeconds, fire);
      void callLater(options, rule.function, scheduledEvent(options, randomUuid(random), clock.now(), rule));
    };
    clock.after(everySeconds, fire);
  }
}
