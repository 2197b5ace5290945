import type { CaseRun, SimulationCase } from '../case.ts';
import type { Choices } from './choices.ts';
import type { Fault } from './faults.ts';
import type { Group } from './scenario.ts';

type Situation = Pick<SimulationCase, 'strikes' | 'interventions'> & {
  readonly faults?: readonly Fault[];
  readonly runs?: readonly CaseRun[];
  readonly healthyAfterSeconds?: number;
};

const NOTHING = { strikes: [], interventions: [] };
const LONG_PAUSE_SECONDS = 8 * 3600;
const LONG_TEXT = 'This pod must not be evicted; ask its owner. '.repeat(1000);

type Make = (choices: Choices, group: Group, first: CaseRun) => Situation;

/** Situations that chance rarely makes, each aimed at what keeps a run from harm in it. */
const SITUATIONS: readonly Make[] = [
  // Two calls of one step of the conductor at a time.
  (choices) => ({
    ...NOTHING,
    strikes: [{ seam: 'invoke', function: 'upgradeNodes', number: choices.between(1, 2), mode: 'twice' }],
    healthyAfterSeconds: 300,
  }),
  // A call of the conductor stands still for so long that another one has taken its place when it goes on.
  (choices) => ({
    ...NOTHING,
    faults: [
      {
        kind: 'functionFreezes',
        function: 'upgradeNodes',
        afterRequests: choices.between(8, 30),
        forSeconds: choices.between(910, 1100),
      },
    ],
    healthyAfterSeconds: 1300,
  }),
  // A node execution is to be started, and who starts it dies before or after it is, or does not learn of it.
  (choices) => ({
    ...NOTHING,
    strikes: [
      {
        seam: 'aws',
        match: 'StartExecution',
        number: choices.between(1, 4),
        mode: choices.one(['diesBefore', 'diesBefore', 'answerLost', 'diesAfter'] as const),
      },
    ],
    healthyAfterSeconds: 300,
  }),
  // The run is stopped while nodes are in hand, and another one takes over.
  (choices, _, first) => {
    const atSeconds = choices.between(40, 240);
    return {
      ...NOTHING,
      interventions: [{ kind: 'stopExecution', atSeconds }],
      runs: [first, { ...first, name: 'second', atSeconds: atSeconds + choices.between(1, 20) }],
      healthyAfterSeconds: 300,
    };
  },
  // Node executions are started again by hand.
  (choices) => ({
    ...NOTHING,
    interventions: [60, 120, 200, 300].map((atSeconds) => ({
      kind: 'startNodeExecutionTwice' as const,
      atSeconds: atSeconds + choices.between(0, 40),
    })),
    healthyAfterSeconds: 360,
  }),
  // A node registers again under its name while it is drained.
  (choices) => ({
    ...NOTHING,
    interventions: [45, 90, 150, 240].map((atSeconds) => ({
      kind: 'registerNodeAgain' as const,
      atSeconds: atSeconds + choices.between(0, 40),
    })),
    healthyAfterSeconds: 300,
  }),
  // An operator pauses the run, and comes back in the evening.
  () => ({
    ...NOTHING,
    interventions: [
      { kind: 'pause', atSeconds: 20 },
      { kind: 'resume', atSeconds: LONG_PAUSE_SECONDS },
    ],
    healthyAfterSeconds: LONG_PAUSE_SECONDS + 60,
  }),
  // Webhooks have much to say.
  (choices) => ({
    ...NOTHING,
    faults: [
      {
        kind: 'evictionWebhook',
        name: 'guard.example.com',
        answer: 'denies',
        code: choices.one([400, 403, 429]),
        message: LONG_TEXT,
        fromSeconds: 0,
        untilSeconds: 600,
      },
    ],
    healthyAfterSeconds: 600,
  }),
];

/** What happens to a world that is calm but for one situation. */
export const situation = (choices: Choices, group: Group, first: CaseRun): Situation =>
  choices.one(SITUATIONS)(choices.of('situation'), group, first);
