/**
 * Checksum of a text in up to 8 hexadecimal digits, not for secrets.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/ (FNV-1a, 32 bits)
 */
export function checksumOf(text: string): string {
  let checksum = 0x811c9dc5;
  for (const character of text) checksum = Math.imul(checksum ^ (character.codePointAt(0) as number), 0x01000193) >>> 0;
  return checksum.toString(16);
}
