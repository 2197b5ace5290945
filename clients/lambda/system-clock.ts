import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

/** The wall clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (seconds) => {
    await wait(seconds * 1000);
  },
};
