/** The clocks that a sandbox can run on, and the seeded randomness that goes with them. */
export { attendedPort } from './world/attended-port.ts';
export type { SandboxClock } from './world/clock.ts';
export { createPacedClock, type PacedClock } from './world/paced-clock.ts';
export { createRandom, type Random } from './world/random.ts';
export { createVirtualClock, type VirtualClock } from './world/virtual-clock.ts';
