/** Seeded randomness: the same seed gives the same sequence on every machine. */
export interface Random {
  /** Next number in [0, 1). */
  next(): number;
  /** Next integer in [0, bound). */
  integer(bound: number): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `length` characters as Kubernetes uses for generated names (no vowels, no look-alikes). */
  suffix(length: number): string;
  /** A generator of its own, derived from this seed and a label, so that one consumer cannot shift another's sequence. */
  fork(label: string): Random;
}

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Fold a label into 32 bits (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/). */
function fold(label: string, basis: number): number {
  let hash = (0x811c9dc5 ^ basis) >>> 0;
  for (let index = 0; index < label.length; index += 1) {
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/**
 * Create a seeded generator.
 *
 * @param seed any integer; only its low 32 bits count
 * @see https://en.wikipedia.org/wiki/Xorshift (Marsaglia's xorshift32, seeded through FNV-1a)
 */
export function createRandom(seed: number): Random {
  let state = fold(String(seed), 0) || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
  const integer = (bound: number) => Math.floor(next() * bound);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[integer(alphabet.length)]).join('');
  return {
    next,
    integer,
    hex: (length) => pick('0123456789abcdef', length),
    suffix: (length) => pick(SUFFIX_ALPHABET, length),
    fork: (label) => createRandom(fold(label, seed)),
  };
}
