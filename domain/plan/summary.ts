import { plural } from '../text.ts';
import type { EksPlanFacts, PlanFacts } from './facts.ts';

/** Figures that the summary needs besides the facts. */
interface SummaryFigures {
  readonly outdated: number;
  readonly durationSeconds: number;
  /** Pods that may block a drain. */
  readonly blocking: number;
  readonly isNothingToDo: boolean;
  readonly isResumed: boolean;
}

const subjectOf = (facts: PlanFacts): string =>
  facts.engine === 'workflow' ? facts.group.name : `node group ${facts.nodegroupName}`;

/** The summary of a group whose nodes are all on the target, while EKS has not recorded that. */
function summaryOfRecording(subject: string, { members, image, update }: EksPlanFacts): string {
  const isEmpty = members.length === 0;
  const nodes = isEmpty ? `${subject} has no nodes` : `all nodes of ${subject} run ${image.imageId}`;
  return update.runningUpdateId === undefined
    ? `${nodes}; EKS is asked to record ${isEmpty ? image.imageId : 'it'}`
    : `${nodes}; EKS update ${update.runningUpdateId} is followed to its end`;
}

/** Say in one sentence what the run will do. */
export function summaryOf(facts: PlanFacts, figures: SummaryFigures): string {
  const { members, image } = facts;
  const { outdated, durationSeconds, blocking, isNothingToDo, isResumed } = figures;
  const subject = subjectOf(facts);
  if (isNothingToDo && members.length === 0) return `${subject} has no nodes: nothing to upgrade, nothing was changed`;
  if (isNothingToDo && facts.scope !== undefined) {
    return `the named nodes of ${subject} run ${image.imageId} already, or are gone: nothing was changed`;
  }
  if (isNothingToDo) {
    const nodes = members.length === 1 ? 'its only node' : `all ${members.length} nodes`;
    return `${subject} runs ${image.imageId} on ${nodes} already: nothing was changed`;
  }
  if (outdated === 0 && facts.engine === 'workflow' && !facts.launchesTarget && !isResumed) {
    const nodes = members.length === 0 ? `${subject} has no nodes` : `all nodes of ${subject} run ${image.imageId}`;
    return `${nodes}; the group is set up to launch ${members.length === 0 ? image.imageId : 'it'}`;
  }
  if (outdated === 0) {
    return facts.engine === 'eks'
      ? summaryOfRecording(subject, facts)
      : `all ${facts.scope === undefined ? '' : 'named '}nodes of ${subject} run ${image.imageId}; what an earlier run left is cleaned up`;
  }
  const minutes = plural(Math.max(1, Math.round(durationSeconds / 60)), 'minute');
  const blockingPods = blocking === 0 ? '' : `; ${plural(blocking, 'pod')} may block a drain`;
  return `${outdated} of ${plural(members.length, 'node')} of ${subject} go to ${image.imageId} in about ${minutes}${blockingPods}`;
}
