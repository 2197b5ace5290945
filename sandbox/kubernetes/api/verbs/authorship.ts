import { isoSeconds } from '../../../world/clock.ts';
import type { ApiContext } from '../context.ts';
import type { Authorship } from '../patch/managed-fields.ts';
import { apiVersionOf } from '../resources.ts';
import type { Call } from './call.ts';

/** Who writes: `fieldManager`, else the client's program as it names itself. */
export function authorOf(
  { clock }: ApiContext,
  { request: { query, headers }, route: { definition, subresource } }: Call,
  operation: Authorship['operation'],
): Authorship {
  const program = (headers['user-agent'] ?? '').split('/')[0] || 'unknown';
  return {
    name: query.get('fieldManager') || program,
    operation,
    apiVersion: apiVersionOf(definition),
    subresource: subresource === 'status' || subresource === 'scale' ? subresource : '',
    time: isoSeconds(clock.now()),
  };
}
