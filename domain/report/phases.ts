import type { Visit } from './history.ts';
import type { Phase, PhaseName } from './model.ts';

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
  ScaleUp: 'scaleUp',
  BeginWaves: 'upgrade',
  ScaleDown: 'scaleDown',
  RecoverFromFailure: 'recovery',
};

/** Cut a run into its phases. `endedAt` (epoch ms) is the end of the run; absent while it runs. */
export function phasesOf(visits: readonly Visit[], endedAt: number | undefined): Phase[] {
  const starts: { name: PhaseName; at: number }[] = [];
  for (const { state, enteredAt } of visits) {
    const name = FIRST_STATES[state];
    if (name !== undefined && starts.at(-1)?.name !== name) starts.push({ name, at: enteredAt });
  }
  return starts.map(({ name, at }, index) => {
    const next = starts[index + 1];
    const end = next?.at ?? endedAt;
    return {
      name,
      title: TITLES[name],
      startedAt: new Date(at).toISOString(),
      ...(end === undefined ? {} : { endedAt: new Date(end).toISOString() }),
      hasFailed: next?.name === 'recovery',
    };
  });
}
