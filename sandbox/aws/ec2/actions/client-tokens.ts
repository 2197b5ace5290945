import { awsError } from '../../aws-error.ts';

type Members = Record<string, unknown>;

/**
 * Carry out a request once per client token.
 *
 * @throws IdempotentParameterMismatch when the token came with other parameters before
 */
export type OncePerToken = (token: string | undefined, request: Members, carryOut: () => Members) => Members;

/** Create the memory of the client tokens that were used. */
export function createClientTokens(): OncePerToken {
  const answered = new Map<string, { parameters: string; answer: Members }>();
  return (token, request, carryOut) => {
    if (token === undefined || token === '') return carryOut();
    const asked = JSON.stringify(request);
    const before = answered.get(token);
    if (before === undefined) {
      const answer = carryOut();
      answered.set(token, { parameters: asked, answer });
      return answer;
    }
    if (before.parameters !== asked)
      throw awsError(
        'IdempotentParameterMismatch',
        'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
      );
    return before.answer;
  };
}
