import type { Intervention } from '../case.ts';
import type { Choices } from './choices.ts';
import type { Range } from './profiles.ts';
import { instant, some, type TroubledWorld } from './troubled-world.ts';

const KINDS: readonly Intervention['kind'][] = [
  'pause',
  'pause',
  'cancel',
  'cancelNow',
  'stopExecution',
  'stopExecution',
  'abortNodeExecution',
  'abortNodeExecution',
  'redriveNodeExecution',
  'startNodeExecutionTwice',
];

/** What operators do, each thing at an instant or before a request; whoever pauses resumes. */
export function interventions(choices: Choices, range: Range, world: TroubledWorld): Intervention[] {
  return some(choices, range, (each): Intervention[] => {
    const kind = each.one(KINDS);
    const { name: group } = each.one(world.groups);
    if (kind !== 'pause' && each.chance(0.5)) return [{ kind, group, atRequest: each.between(20, 500) }];
    const atSeconds = instant(each, world);
    if (kind !== 'pause') return [{ kind, group, atSeconds }];
    const until = Math.min(world.healthyAfterSeconds, atSeconds + each.between(30, 600));
    return [
      { kind, group, atSeconds },
      { kind: 'resume', group, atSeconds: until },
    ];
  }).flat();
}
