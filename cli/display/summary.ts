import { plural } from '../../domain/text.ts';
import { duration } from '../../report/model/text.ts';
import { tidy } from './cells.ts';
import type { ProgressView } from './view.ts';

/** The run in a few lines, for its end. */
export function summaryLines(view: ProgressView): string[] {
  const { counts, failure, lowestReadyNodes, originalNodes } = view;
  const capacity =
    lowestReadyNodes === undefined || originalNodes === undefined
      ? []
      : [
          lowestReadyNodes >= originalNodes
            ? `Ready capacity never fell below the ${plural(originalNodes, 'node')} there were before.`
            : `Ready capacity fell to ${plural(lowestReadyNodes, 'node')}; there were ${originalNodes} before.`,
        ];
  const work =
    counts.evicted + counts.deleted === 0
      ? []
      : [
          `${plural(counts.evicted, 'pod')} evicted${counts.deleted > 0 ? `, ${counts.deleted} deleted by force` : ''}.`,
        ];
  const why = failure === undefined ? [] : [failure.cause, ...failure.recovery];
  const took = failure === undefined ? [] : [`Took ${duration(view.elapsedSeconds)}.`];
  return [view.headline, ...why, ...capacity, ...work, ...took].filter((line) => line !== '').map(tidy);
}
