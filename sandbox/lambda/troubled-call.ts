import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import type { Container, Containers } from './container.ts';
import { endedProcess } from './failure.ts';

/** What happens to a call once the function has sent so many requests. */
export type Trouble = Extract<Fault, { kind: 'functionTimesOut' | 'functionCrashes' | 'functionFreezes' }>;

interface Surroundings {
  readonly clock: SandboxClock;
  readonly containers: Containers;
  readonly requestId: string;
}

/** Stand still for a while, once. */
function freeze(clock: SandboxClock, forSeconds: number) {
  let frozen: Promise<void> | undefined;
  return () => {
    frozen ??= clock.sleep(forSeconds);
    return clock.idleUntil(frozen);
  };
}

/** What happens to the call when its requests are used up; it goes on when the promise is settled. */
function strikeOf(trouble: Trouble, { clock, requestId }: Surroundings): (container: Container) => Promise<void> {
  if (trouble.kind === 'functionFreezes') return freeze(clock, trouble.forSeconds);
  return (container) => {
    if (trouble.kind === 'functionTimesOut') container.silence();
    else container.die(endedProcess('Runtime.ExitError', requestId, 'Runtime exited with error: signal: killed'));
    return clock.hang();
  };
}

/**
 * Call a function that gets into trouble.
 *
 * A function that was frozen sends its other requests later, also when nobody waits for it any more.
 */
export function callInTrouble(
  trouble: Trouble,
  surroundings: Surroundings,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const { clock, containers, requestId } = surroundings;
  const strike = strikeOf(trouble, surroundings);
  let requests = 0;

  return containers.run(
    trouble.function,
    async (container) => {
      if (trouble.kind === 'functionTimesOut') {
        const sentence = `Task timed out after ${trouble.afterSeconds.toFixed(2)} seconds`;
        clock.timeout(trouble.afterSeconds, () => container.die(endedProcess('Sandbox.Timedout', requestId, sentence)));
      }
      const output = await work();
      await strike(container);
      return output;
    },
    async (container) => {
      if (requests >= trouble.afterRequests) await strike(container);
      requests += 1;
    },
  );
}
