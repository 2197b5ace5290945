import { plural } from '../../domain/text.ts';
import type { GroupOutcome } from '../../report/cluster/model.ts';
import { OUTCOME_WORDS } from '../../report/cluster/words.ts';
import { clockFace, timeOfDay } from '../../report/model/text.ts';
import { tidy } from './cells.ts';
import type { Change } from './changes.ts';
import type { CellState } from './view.ts';

const STATE_WORDS: Readonly<Record<CellState, string>> = {
  queued: 'queued',
  draining: 'is being drained',
  cordonWait: 'is empty and cordoned, waiting before termination',
  terminating: 'is being terminated',
  replaced: 'is replaced',
  removed: 'is removed, one more than before the run',
  blocked: 'is blocked',
  gone: 'is gone',
  skipped: 'is skipped',
  interrupted: 'was interrupted',
};

const GROUP_WORDS: Readonly<Partial<Record<GroupOutcome, string>>> = { inProgress: 'begins', failed: 'failed' };

function sentence(change: Change): string {
  switch (change.type) {
    case 'plan':
      return `plan: ${change.summary}`;
    case 'phase':
      return `phase: ${change.title}`;
    case 'node': {
      const pods = change.podsLeft === undefined ? '' : `, ${plural(change.podsLeft, 'pod')} left`;
      const why = change.reason === undefined || change.state === 'replaced' ? '' : `: ${change.reason}`;
      const again = change.attempt > 1 && change.state === 'draining' ? ' again' : '';
      return `${change.name} ${STATE_WORDS[change.state]}${again}${pods}${why}`;
    }
    case 'progress': {
      const ready = change.readyNodes === undefined ? '' : `, ${plural(change.readyNodes, 'node')} ready`;
      return `${change.replaced} of ${plural(change.outdated, 'node')} replaced${ready}`;
    }
    case 'blocked':
      return `${change.pod} blocks ${change.node}: ${change.detail} ${change.advice}`;
    case 'group': {
      const why = [change.error, change.reason].filter(Boolean).join(': ');
      const words = GROUP_WORDS[change.outcome] ?? `is ${OUTCOME_WORDS[change.outcome]}`;
      return `group ${change.name} ${words}${why === '' ? '' : `: ${why}`}`;
    }
    case 'update':
      return `EKS carries out the upgrade: ${change.update}`;
    case 'pause':
      return change.reason;
    case 'wait':
      return `no further node is taken: ${change.reason}`;
    case 'resume':
      return 'no longer paused';
    case 'capacity':
      return `only ${change.readyNodes} nodes ready, ${change.originalNodes} before the run`;
    case 'end':
      return change.error === undefined ? change.headline : `${change.headline}: ${change.cause ?? ''}`;
  }
}

/** One line for one change: time of day, time since the start, what happened. */
const describeChange = (change: Change): string =>
  `${timeOfDay(change.at)} +${clockFace(change.elapsedSeconds)}  ${tidy(`${change.group === undefined ? '' : `${change.group}: `}${sentence(change)}`)}`;

/** A state that ended sooner than this gets no line. */
const BRIEF_SECONDS = 5;

const isBrief = (change: Change): boolean =>
  change.type === 'node' && change.seconds !== undefined && change.seconds < BRIEF_SECONDS;

/** A line per event, for output that is no terminal. */
export const describeChanges = (changes: readonly Change[]): string[] =>
  changes.filter((change) => !isBrief(change)).map(describeChange);
