import { type AutoScalingGroup, isTerminating, type Member } from '../aws/auto-scaling/state/group.ts';
import type { Random } from '../world/random.ts';

/** Which instances of a group an actor means. */
export interface Choice {
  readonly nodes?: number | undefined;
  readonly pick?: 'chance' | 'oldest' | 'newest' | undefined;
  readonly number?: number | undefined;
}

const byAge = (left: Member, right: Member) => left.instance.launchedAt - right.instance.launchedAt;

/**
 * Choose instances of a group as it is now.
 *
 * @param startedWith ids of the instances with which the group started, in their order
 */
export function chooseMembers(
  group: AutoScalingGroup,
  { nodes = 1, pick = 'chance', number }: Choice,
  startedWith: readonly string[],
  random: Random,
): Member[] {
  if (number !== undefined) {
    const member = group.members.get(startedWith[number - 1] ?? '');
    return member === undefined || isTerminating(member) ? [] : [member];
  }
  const candidates = [...group.members.values()]
    .filter(({ lifecycleState }) => lifecycleState === 'InService')
    .sort(byAge);
  if (pick === 'oldest') return candidates.slice(0, nodes);
  if (pick === 'newest') return candidates.reverse().slice(0, nodes);
  const members: Member[] = [];
  while (members.length < nodes && candidates.length > 0)
    members.push(...candidates.splice(random.integer(candidates.length), 1));
  return members;
}
