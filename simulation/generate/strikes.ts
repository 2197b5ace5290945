import { STRIKE_MODES, type Strike } from '../case.ts';
import type { Choices } from './choices.ts';
import type { Range } from './profiles.ts';
import { some } from './troubled-world.ts';

type Seam = Exclude<Strike['seam'], 'request'>;

/** Requests and calls after which something is different. */
const DECISIVE: Readonly<Record<Seam, readonly string[]>> = {
  invoke: [
    'planUpgrade',
    'acquireLock',
    'updateAutoScalingGroup',
    'scaleUp',
    'upgradeNodes',
    'drainNode',
    'cordonNode',
    'terminateInstance',
    'scaleDown',
    'completeUpgrade',
    'recoverFromFailure',
    'cleanUpEndedRuns',
  ],
  aws: [
    'TerminateInstanceInAutoScalingGroup',
    'UpdateAutoScalingGroup',
    'CreateOrUpdateTags',
    'DeleteTags',
    'SuspendProcesses',
    'ResumeProcesses',
    'CreateLaunchTemplateVersion',
    'StartExecution',
    'DescribeExecution',
  ],
  kubernetes: ['POST pods/eviction', 'PATCH nodes', 'PUT leases', 'PATCH leases', 'POST leases', 'GET leases'],
};

/** As many as a small run sends, or a little fewer. */
const MOST_ANY: Readonly<Record<Seam, number>> = { invoke: 40, aws: 120, kubernetes: 300 };

function strike(choices: Choices): Strike {
  const seam = choices.one<Seam>(['invoke', 'aws', 'kubernetes', 'kubernetes']);
  const mode = choices.one(STRIKE_MODES);
  const isAny = choices.chance(0.4);
  return {
    seam,
    ...(!isAny && { match: choices.one(DECISIVE[seam]) }),
    number: choices.between(1, isAny ? MOST_ANY[seam] : 5),
    mode,
    ...(mode === 'late' && { seconds: choices.one([1, 10, 45, 120]) }),
  };
}

/** Calls and requests that go wrong. */
export const strikes = (choices: Choices, range: Range): Strike[] => some(choices, range, strike);
