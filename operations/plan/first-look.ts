import type { Clock } from '../../clients/ports.ts';
import { AccessDenied, ClusterUnreachable, RightRefused, Unauthorized } from '../../domain/errors.ts';

/** EKS refuses good tokens for seconds at times, and so does RBAC after a restart of the API server. */
const MOST_ATTEMPTS = 3;
const PAUSE_SECONDS = 4;

/** A refusal where nothing was allowed before: the right, or the access, is missing. */
function missing(thrown: Unauthorized): AccessDenied | ClusterUnreachable {
  const ErrorClass = thrown instanceof RightRefused ? AccessDenied : ClusterUnreachable;
  return new ErrorClass(thrown.message, { cause: thrown });
}

/**
 * Ask a cluster for what it may never have allowed before: a refusal that lasts for some seconds is taken for a missing right, and
 * not for one that passes.
 *
 * @throws {AccessDenied} {ClusterUnreachable} in the place of Unauthorized
 */
export async function lookFirst<Result>(clock: Pick<Clock, 'sleep'>, ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof Unauthorized)) throw thrown;
      if (attempt === MOST_ATTEMPTS) throw missing(thrown);
      await clock.sleep(PAUSE_SECONDS);
    }
  }
}
