import type { Upgrade } from '../../../domain/state.ts';

/** What the conductor has reported last: of three nodes none is left to upgrade. */
export const anUpgrade = (overrides: Partial<Upgrade> = {}): Upgrade => ({
  status: 'done',
  waitSeconds: 0,
  started: [],
  adopted: [],
  ended: [],
  outdatedNodes: 0,
  readyNodes: 3,
  freeNodes: 3,
  requiredNodes: 3,
  inHand: 0,
  leaving: 0,
  parked: 0,
  returns: 0,
  eventCount: 0,
  extraNodes: 0,
  warnings: [],
  ...overrides,
});
