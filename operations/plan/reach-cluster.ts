import type { Cluster, Deps } from '../../clients/ports.ts';
import { ClusterUnreachable } from '../../domain/errors.ts';

const MOST_TRIES = 4;
const TRY_SECONDS = 5;

/**
 * Make sure that a cluster can be reached. A connection that was lost, or a token that is not known yet, proves nothing: it is
 * tried again for a quarter of a minute.
 *
 * @throws {ClusterUnreachable} when it cannot
 */
export async function reachCluster(deps: Pick<Deps, 'clock'>, cluster: Cluster): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await cluster.serverVersion();
      return;
    } catch (thrown) {
      if (!(thrown instanceof ClusterUnreachable) || tries >= MOST_TRIES) throw thrown;
    }
    await deps.clock.sleep(TRY_SECONDS);
  }
}
