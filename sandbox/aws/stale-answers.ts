import { LAGGING_ACTIONS } from '../world/scenario/aws-answers.ts';
import { lastsAt } from '../world/scenario/spell.ts';
import type { Fault } from '../world/scenario.ts';
import { createAutoScalingService } from './auto-scaling/service.ts';
import type { AwsService } from './aws-service.ts';
import { createEc2Service } from './ec2/service.ts';
import { createEksService } from './eks/service.ts';
import { copyRegion } from './region-copy.ts';
import type { RegionState } from './region-state.ts';

type StaleAnswers = Extract<Fault, { kind: 'staleAnswers' }>;

/** The region as it was at an instant. */
interface Past {
  readonly at: number;
  readonly state: RegionState;
}

const CREATE = { autoscaling: createAutoScalingService, ec2: createEc2Service, eks: createEksService };
const SAMPLE_SECONDS = 1;

const isRead = (action: string) => /^(Describe|List|Get)/.test(action);

/** Keep so much of the past as answers may show: drop what is older than the first one that is old enough. */
function keep(past: Past[], moment: Past, longestMs: number): void {
  past.push(moment);
  while (past.length > 1 && (past[1]?.at ?? moment.at) <= moment.at - longestMs) past.shift();
}

const longestOf = (faults: readonly StaleAnswers[]) =>
  Math.max(0, ...faults.map(({ secondsAgo }) => secondsAgo)) * 1000;

/**
 * Make describe answers show the region of some seconds ago, as a scenario says; spells count from this call.
 *
 * Answers that lag behind writes show the region just before the first of the last seconds' writes. Answers that always lag
 * show it at the last whole second that is old enough.
 */
export function withStaleAnswers(services: readonly AwsService[], state: RegionState): readonly AwsService[] {
  const { clock, scenario } = state;
  const faults = scenario.faults.filter((fault): fault is StaleAnswers => fault.kind === 'staleAnswers');
  if (faults.length === 0) return services;
  const startedAt = clock.now();
  const always = faults.filter(({ when }) => when === 'always');
  const afterWrites = faults.filter(({ when }) => when === 'afterWrites');
  const samples: Past[] = [];
  const beforeWrites: Past[] = [];

  const sample = () => {
    keep(samples, { at: clock.now(), state: copyRegion(state) }, longestOf(always));
    clock.after(SAMPLE_SECONDS, sample);
  };
  if (always.length > 0) sample();

  const pastFor = ({ when, secondsAgo }: StaleAnswers): Past | undefined => {
    const asOf = clock.now() - secondsAgo * 1000;
    if (when === 'afterWrites') return beforeWrites.find(({ at }) => at > asOf);
    return samples.findLast(({ at }) => at <= asOf) ?? samples[0];
  };
  const findFault = (service: string, action: string) =>
    faults.find((fault) => {
      const actions: readonly string[] = fault.actions ?? LAGGING_ACTIONS[fault.service];
      const lasts = lastsAt(fault, (clock.now() - startedAt) / 1000);
      return fault.service === service && actions.includes(action) && lasts;
    });

  return services.map((service) => ({
    ...service,
    dispatch(action, input, context) {
      if (!isRead(action) && service.name in CREATE && afterWrites.length > 0)
        keep(beforeWrites, { at: clock.now(), state: copyRegion(state) }, longestOf(afterWrites));
      const fault = findFault(service.name, action);
      const past = fault && pastFor(fault);
      return fault === undefined || past === undefined
        ? service.dispatch(action, input, context)
        : CREATE[fault.service](past.state).dispatch(action, input, context);
    },
  }));
}
