/** A text of at most `most` characters; what is cut off is marked. */
export const truncate = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** A text of at most `most` characters with its beginning and its end: an error names who failed first, and why last. */
export const truncateMiddle = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, Math.ceil((most - 1) / 2))}…${text.slice(-Math.floor((most - 1) / 2))}` : text;

/** Most characters of a text that others have written. */
const MOST_FOREIGN_CHARACTERS = 500;
/** Control characters, and those that change the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** A text that others have written, as it may stand in state, history and terminal: one line of at most 500 characters. */
export const boundedText = (text: string): string =>
  // Cut before it is searched, as its length is theirs too.
  truncate(
    text
      .slice(0, 4 * MOST_FOREIGN_CHARACTERS)
      .replace(UNPRINTABLE, ' ')
      .trim(),
    MOST_FOREIGN_CHARACTERS,
  );

/** Sentences of at most `most` characters together: cut off after a whole one where that leaves half of the room or more. */
export function truncateToSentence(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf('. ', most - 3);
  return end > most / 2 ? `${text.slice(0, end + 1)} …` : truncate(text, most);
}

/** A count with its noun: `1 node`, `3 nodes`. */
export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${grouped(count)} ${count === 1 ? noun : nouns}`;

/** A whole number with thousands separators: `12,345`. */
export const grouped = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');

/** An enumeration for people: `a`, `a and b`, `a, b and c`. */
export const enumeration = (parts: readonly string[], conjunction: 'and' | 'or' = 'and'): string =>
  parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} ${conjunction} ${parts.at(-1)}`;

/** A sentence of others without its full stop, to go on behind it: they end with one, and so do ours. */
export const withoutFullStop = (sentence: string): string => sentence.replace(/[.\s]+$/, '');

/** A clause as a sentence: a capital first, a full stop last. */
export const asSentence = (clause: string): string =>
  clause === '' ? '' : `${clause[0]?.toUpperCase()}${clause.slice(1)}${/[.!?]$/.test(clause) ? '' : '.'}`;

/**
 * Checksum of a text in up to 8 hexadecimal digits, not for secrets.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/ (FNV-1a, 32 bits)
 */
export function checksumOf(text: string): string {
  let checksum = 0x811c9dc5;
  for (const character of text) checksum = Math.imul(checksum ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return checksum.toString(16);
}
