import { caseSchema, type SimulationCase } from '../case.ts';
import { createChoices } from './choices.ts';
import { clusterInput, eksInput, groupInput } from './input.ts';
import { PROFILES, type Profile, type ProfileName } from './profiles.ts';
import { type Group, scenario } from './scenario.ts';

/** Make the case of a seed: the same for the same seed and profile. */
export function generateCase(seed: number, profileName: ProfileName): SimulationCase {
  const profile: Profile = PROFILES[profileName];
  const choices = createChoices(seed).of(profileName);
  const made = scenario(choices.of('world'), seed, profile.world);
  const group = made.clusters[0]?.groups[0] as Group;
  const ofInput = choices.of('input');
  const input =
    profile.machine === 'cluster'
      ? clusterInput(ofInput)
      : profile.engine === 'eks'
        ? eksInput(ofInput, group)
        : groupInput(ofInput, group);
  return caseSchema.parse({
    seed,
    profile: profileName,
    scenario: made,
    runs: [{ atSeconds: 1, machine: profile.machine, input }],
    healthyAfterSeconds: 0,
  });
}
