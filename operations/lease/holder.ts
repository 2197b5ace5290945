import type { Deps } from '../../clients/ports.ts';
import { isJanitor, isOfSameHome } from '../../domain/admission/holder.ts';

/**
 * Tell whether the holder of a Lease may still write to it.
 *
 * One of another account or region cannot be looked up from here, so it counts as alive: an operator who knows better deletes
 * the Lease. Anything that names no execution holds nothing.
 *
 * @param ownArn ARN of any execution of this account and region
 */
export async function isAlive(deps: Pick<Deps, 'executions'>, holder: string, ownArn: string): Promise<boolean> {
  if (holder === '' || isJanitor(holder)) return false;
  return !isOfSameHome(holder, ownArn) || deps.executions.isRunning(holder);
}
