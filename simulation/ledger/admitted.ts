import type { SimulatedWorld } from '../world.ts';
import type { NodeStep } from './steps.ts';

/** What a reading may be old when a node is taken, and how long reading and writing may take. */
const FRESH_SECONDS = 30;

/** How old the answers of a world may be. */
const staleSeconds = ({ scenario }: SimulatedWorld): number =>
  Math.max(0, ...scenario.faults.map((fault) => ('secondsAgo' in fault ? fault.secondsAgo : 0)));

/**
 * The instant whose world a node was taken by, milliseconds since the epoch: what others do later cannot have been known.
 */
export const knownAt = (world: SimulatedWorld, { node }: Pick<NodeStep, 'node'>): number => {
  const admittedAt = Date.parse(node.admittedAt) + world.given.lambdaClockBehindSeconds * 1000;
  return admittedAt - (FRESH_SECONDS + staleSeconds(world)) * 1000;
};
