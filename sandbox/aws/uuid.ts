import type { Random } from '../world/random.ts';

/** Create a source of version 4 UUIDs. */
export const createUuids = (random: Random) => (): string =>
  `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-${'89ab'[random.integer(4)]}${random.hex(3)}-${random.hex(12)}`;
