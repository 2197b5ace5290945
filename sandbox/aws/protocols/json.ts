import { awsError } from '../aws-error.ts';
import type { Members, Shape } from '../input-shapes.ts';

/** Write an answer as JSON: instants as seconds since the epoch. */
export const writeJson = (value: unknown): string => {
  const convert = (part: unknown): unknown => {
    if (part instanceof Date) return part.getTime() / 1000;
    if (Array.isArray(part)) return part.map(convert);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, convert(member)]));
    return part;
  };
  return JSON.stringify(convert(value));
};

const readValue = (shape: Shape, value: unknown): unknown => {
  if (shape.kind === 'timestamp' && typeof value === 'number') return new Date(value * 1000);
  if (shape.kind === 'list' && Array.isArray(value))
    return value.map((element) => readValue(shape.element as Shape, element));
  if (shape.kind === 'structure' && typeof value === 'object' && value !== null)
    return readMembers(shape.members as Members, value as Record<string, unknown>);
  return value;
};

/** Read instants where the shapes have them; everything else is already what it should be. */
export const readMembers = (members: Members, body: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const shape = members[name];
      return [name, shape === undefined ? value : readValue(shape, value)];
    }),
  );

/**
 * Parse the body of a request.
 *
 * @throws SerializationException when it is not a JSON object
 */
export function parseBody(body: string): Record<string, unknown> {
  if (body.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the same refusal as a body that is no object.
  }
  throw awsError('SerializationException', 'The request body is not a JSON object');
}
