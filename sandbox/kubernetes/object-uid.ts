import type { Random } from '../world/random.ts';

/** Draw the uid of a new object: a version 4 UUID. */
export function drawUid(random: Random): string {
  const digits = random.hex(32);
  const variant = '89ab'[Number.parseInt(digits.slice(16, 17), 16) % 4];
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
