import type { SandboxClock } from '../world/clock.ts';
import type { Fault } from '../world/scenario.ts';
import { endedProcess } from './failure.ts';
import { runAs } from './invocation.ts';

/** What befalls a call once the function has sent so many requests. */
export type Trouble = Extract<Fault, { kind: 'functionTimesOut' | 'functionCrashes' | 'functionFreezes' }>;

const forever = new Promise<never>(() => {});

/** Stand still for a while, once. */
function freeze(clock: SandboxClock, forSeconds: number) {
  let frozen: Promise<void> | undefined;
  return () => {
    frozen ??= clock.sleep(forSeconds);
    return clock.idleUntil(frozen);
  };
}

/**
 * Call a function that gets into trouble.
 *
 * What it had asked for takes effect. A function whose process ended sends no further request; one that was frozen sends
 * its others later, also when nobody waits for it any more.
 */
export async function callInTrouble(
  trouble: Trouble,
  { clock, requestId }: { clock: SandboxClock; requestId: string },
  work: () => Promise<unknown>,
): Promise<unknown> {
  const { promise: ended, reject: end } = Promise.withResolvers<never>();
  let requests = 0;

  const strike = {
    functionTimesOut: () => clock.idleUntil(forever),
    functionCrashes: () => {
      end(endedProcess('Runtime.ExitError', requestId, 'Runtime exited with error: signal: killed'));
      return clock.idleUntil(forever);
    },
    functionFreezes: freeze(clock, 'forSeconds' in trouble ? trouble.forSeconds : 0),
  }[trouble.kind];

  if (trouble.kind === 'functionTimesOut') {
    const sentence = `Task timed out after ${trouble.afterSeconds.toFixed(2)} seconds`;
    clock.timeout(trouble.afterSeconds, () => end(endedProcess('Sandbox.Timedout', requestId, sentence)));
  }

  const done = runAs(
    {
      async beforeRequest() {
        if (requests >= trouble.afterRequests) await strike();
        requests += 1;
      },
    },
    async () => {
      const output = await work();
      await strike();
      return output;
    },
  );
  return Promise.race([done, ended]);
}
