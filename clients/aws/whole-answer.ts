import { ServiceUnavailable } from '../../domain/errors.ts';

/** More pages than any list of ours has: whoever gives another token for ever is no service of AWS. */
const MOST_PAGES = 1000;

/**
 * The member that every answer of an action has, also an empty one. Without it something else has answered, and nothing must be
 * taken for "there is none".
 *
 * @throws {ServiceUnavailable} it is no answer, and is asked for again
 */
export function requireMember<Member>(action: string, member: Member | undefined): Member {
  if (member !== undefined) return member;
  throw new ServiceUnavailable(`${action} failed for now: what answered is no complete answer`);
}

/** The pages of a list, of a bounded number. @throws {ServiceUnavailable} when there are more */
export async function* boundedPages<Page>(action: string, pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  let read = 0;
  for await (const page of pages) {
    read += 1;
    if (read > MOST_PAGES) throw new ServiceUnavailable(`${action} failed for now: more than ${MOST_PAGES} pages`);
    yield page;
  }
}
