import type { Phase, PhaseName } from '../model/model.ts';
import { EARLIER_UPGRADE_STATE } from './earlier-versions.ts';
import { type Observation, observationOf, UPDATE_STATES } from './update-observations.ts';
import type { Visit } from './visits.ts';

const TITLES: Readonly<Record<PhaseName, string>> = {
  plan: 'Plan',
  setup: 'Setup',
  scaleUp: 'Scale up',
  upgrade: 'Upgrade',
  scaleDown: 'Scale down',
  recovery: 'Recovery',
};

/** The phase that begins with a state; a state not listed here belongs to the phase that is going on. */
const FIRST_STATES: Readonly<Record<string, PhaseName>> = {
  PlanUpgrade: 'plan',
  CreateLaunchTemplateVersion: 'setup',
  StartNodegroupUpdate: 'setup',
  ScaleUp: 'scaleUp',
  BeginUpgrade: 'upgrade',
  ReturnToUpgrade: 'upgrade',
  [EARLIER_UPGRADE_STATE]: 'upgrade',
  ScaleDown: 'scaleDown',
  RecoverFromFailure: 'recovery',
};

const BY_EKS: readonly PhaseName[] = ['setup', 'scaleUp', 'upgrade', 'scaleDown'];

interface Start {
  readonly name: PhaseName;
  readonly at: number;
  readonly isByEks: boolean;
}

/** When the phase that was observed began: the upgrade with the first node that EKS works on, others when they were observed. */
function observationStart({ beganAt, at, update: { phase, changes, nodes } }: Observation): Start {
  const sinceAt = phase === 'upgrade' ? [...changes, ...nodes].map((node) => Date.parse(node.sinceAt)) : [];
  // By the clock of a Lambda, which may differ from that of the history.
  return { name: phase, at: Math.max(beganAt, Math.min(at, ...sinceAt)), isByEks: true };
}

/** The phases that a visit to a state begins, in their order. */
function startsOf(visit: Visit): Start[] {
  const name = FIRST_STATES[visit.state];
  const observation = observationOf(visit);
  const isByEks = UPDATE_STATES.some((state) => state === visit.state);
  // An update that somebody else started was set up before this run.
  const first = name === undefined || observation?.update.isAdopted ? [] : [{ name, at: visit.enteredAt, isByEks }];
  return observation === undefined ? first : [...first, observationStart(observation)];
}

/** Cut a run into its phases. `endedAt` (epoch ms) is the end of the run; absent while it runs. */
export function phasesOf(visits: readonly Visit[], endedAt: number | undefined): Phase[] {
  const starts: Start[] = [];
  for (const start of visits.flatMap(startsOf)) {
    const last = starts.at(-1);
    // An observation that takes the run for an earlier phase again is mistaken.
    const isBehind = start.isByEks && last !== undefined && BY_EKS.indexOf(start.name) < BY_EKS.indexOf(last.name);
    if (start.name === last?.name || isBehind) continue;
    starts.push({ ...start, at: Math.max(start.at, last?.at ?? start.at) });
  }
  return starts.map(({ name, at, isByEks }, index) => {
    const next = starts[index + 1];
    const end = next?.at ?? endedAt;
    return {
      name,
      title: TITLES[name],
      startedAt: new Date(at).toISOString(),
      ...(end === undefined ? {} : { endedAt: new Date(end).toISOString() }),
      hasFailed: next?.name === 'recovery',
      ...(isByEks ? { carriedOutBy: 'EKS' as const } : {}),
    };
  });
}
