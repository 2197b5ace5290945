/** Writes protobuf messages field by field. */
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
};

const LENGTH_DELIMITED = 2;

/** One field of bytes, of text, or of a message that is already written; nothing for `undefined`. */
export function field(number: number, value: Buffer | string | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** One field for each value of a list. */
export const repeated = (number: number, values: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(values.map((value) => field(number, value)));

/** A message of these fields. */
export const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
