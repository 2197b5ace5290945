import type { AutoScalingGroup, Member } from '../state/group.ts';

/** An instance together with its group. */
export interface Membership {
  readonly group: AutoScalingGroup;
  readonly member: Member;
}
