import type { Clock } from '../../clients/ports.ts';

/** A clock that stands still but for `sleep`, which jumps and lets happen on the way what was planned. */
export interface ClockInMemory extends Clock {
  /** Let something happen in so many seconds. */
  after(seconds: number, happens: () => void): void;
}

/** @param startAt ISO-8601 */
export function createClock(startAt: string): ClockInMemory {
  let nowMilliseconds = Date.parse(startAt);
  let planned: { atMilliseconds: number; happens: () => void }[] = [];

  const nextUntil = (endMilliseconds: number) =>
    planned
      .filter(({ atMilliseconds }) => atMilliseconds <= endMilliseconds)
      .sort((left, right) => left.atMilliseconds - right.atMilliseconds)[0];

  return {
    now: () => new Date(nowMilliseconds),
    async sleep(seconds) {
      const endMilliseconds = nowMilliseconds + seconds * 1000;
      for (let next = nextUntil(endMilliseconds); next !== undefined; next = nextUntil(endMilliseconds)) {
        const happening = next;
        planned = planned.filter((each) => each !== happening);
        nowMilliseconds = Math.max(nowMilliseconds, happening.atMilliseconds);
        happening.happens();
      }
      nowMilliseconds = endMilliseconds;
    },
    after(seconds, happens) {
      planned.push({ atMilliseconds: nowMilliseconds + seconds * 1000, happens });
    },
  };
}
