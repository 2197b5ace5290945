import { failures } from '../failures.ts';
import { loadSchemas, unknownFields } from '../schemas.ts';
import type { Call } from './call.ts';

/** A header holds printable ASCII only; other characters of a field's name are written as in JSON. */
const inHeader = (text: string) =>
  text
    .replaceAll('"', '\\"')
    .replaceAll(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Find fields that the type does not have, when the client asks for it.
 *
 * @returns headers with a warning for each such field
 * @throws ApiFailure 400 when the client wants such an object to be refused
 */
export async function checkFields(
  { request: { query }, route: { definition } }: Call,
  sent: unknown,
): Promise<Record<string, string>> {
  const mode = query.get('fieldValidation');
  if (mode !== 'Strict' && mode !== 'Warn') return {};
  const unknown = unknownFields(await loadSchemas(), definition, sent).map((path) => `unknown field "${path}"`);
  if (unknown.length === 0) return {};
  if (mode === 'Strict')
    throw failures.badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: strict decoding error: ${unknown.join(', ')}`,
    );
  return { warning: unknown.map((text) => `299 - "${inHeader(text)}"`).join(', ') };
}
