import type { UpgradeInput } from '../input/input.ts';
import { countByZone } from '../nodegroup/nodegroup.ts';
import { originalSizes } from '../nodegroup/original-settings.ts';
import { outdatedInScope } from '../nodegroup/scope.ts';
import type { Run } from '../state.ts';
import type { PlanFacts } from './facts.ts';
import {
  type ExplainedCount,
  launchesToCover,
  limitBySurge,
  resolveParallelism,
  resolveSurge,
  surgeOfEks,
} from './parallelism-and-surge.ts';
import { roundSeconds } from './round.ts';

/** How many nodes a run replaces at a time, and how many it adds for that. */
export interface PlannedCapacity {
  readonly updateStrategy: Run['updateStrategy'];
  readonly parallelism: ExplainedCount;
  readonly surge: ExplainedCount;
  /** The surge is large enough for a new node in every zone with outdated ones. */
  readonly coversZones: boolean;
  /** What one set of nodes is assumed to take; absent when the surge does not follow from it. */
  readonly roundSeconds?: number;
}

/** The settings of the run: the input's, else the node group's, else the defaults. */
function updateConfigOf({ input, nodegroupUpdateConfig }: PlanFacts): UpgradeInput['updateConfig'] {
  const own = input.updateConfig;
  const namesParallelism = own.maxUnavailable !== undefined || own.maxUnavailablePercentage !== undefined;
  const inherited = nodegroupUpdateConfig ?? {};
  const { updateStrategy } = inherited;
  return { ...(namesParallelism ? (updateStrategy === undefined ? {} : { updateStrategy }) : inherited), ...own };
}

/**
 * Work out parallelism and surge.
 *
 * @param longestGraceSeconds longest grace period of a pod that has to leave an outdated node
 */
export function planCapacity(facts: PlanFacts, longestGraceSeconds: number): PlannedCapacity {
  const { members, group, engine, input } = facts;
  const { zones } = group;
  const outdated = outdatedInScope(members, facts.scope?.instanceIds).length;
  const renewed = members.filter(({ isOutdated }) => !isOutdated).map(({ zone }) => zone);
  const counts = countByZone(members);
  // What an earlier run has added is there already, wherever it came up: only what is still launched can reach a zone.
  const standing = Math.max(0, members.length - originalSizes(group).desiredCapacity);
  const config = updateConfigOf(facts);
  const { updateStrategy = 'DEFAULT' } = config;
  const wanted = resolveParallelism(config, outdated, engine);
  const parallelism = wanted.nodes;
  const perRound = roundSeconds({ ...input, longestGraceSeconds });
  const surge =
    engine === 'workflow'
      ? resolveSurge({ config, parallelism, outdated, zones, counts, renewed, standing, roundSeconds: perRound })
      : surgeOfEks({ updateStrategy, parallelism, outdated, zones: zones.length });
  const isFormula = engine === 'workflow' && updateStrategy === 'DEFAULT' && config.surge === undefined;
  return {
    updateStrategy,
    parallelism: limitBySurge(wanted, surge, config),
    surge,
    coversZones: engine === 'eks' || surge.nodes - standing >= launchesToCover(counts, zones, renewed),
    ...(isFormula && { roundSeconds: perRound }),
  };
}
