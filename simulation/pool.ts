import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { SimulationCase } from './case.ts';
import type { Outcome } from './outcome.ts';

/** A worker has not answered for so long that it hangs without noticing: a case takes at most two minutes. */
const SILENT_SECONDS = 180;

type Answer = { readonly outcome: Outcome } | { readonly failure: string };

/** Processes that run cases, one case each at a time. */
export interface Pool {
  /** Run a case as soon as a process is free. One that cannot be simulated is one that does not end. */
  run(given: SimulationCase): Promise<Outcome>;
  close(): void;
}

const unsimulated = (sentence: string): Outcome => ({
  broken: [{ invariant: 'ends', atSeconds: 0, sentence }],
  runs: [],
  counts: { requests: 0, events: 0, seconds: 0, faults: {} },
  story: [],
});

/**
 * Start processes that run cases.
 *
 * @param broken name of a safeguard that is switched off in them
 */
export function createPool(size: number, broken?: string): Pool {
  const idle: ChildProcess[] = [];
  const waiting: ((child: ChildProcess) => void)[] = [];
  const all = new Set<ChildProcess>();

  const start = (): ChildProcess => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), broken === undefined ? [] : [broken]);
    all.add(child);
    return child;
  };
  const take = async (): Promise<ChildProcess> => {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < size) return start();
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (child: ChildProcess) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(child);
    else next(child);
  };
  /** A process in which something may still be running is not used again. */
  const discard = (child: ChildProcess) => {
    all.delete(child);
    child.kill('SIGKILL');
    if (waiting.length > 0) give(start());
  };

  const ask = (child: ChildProcess, given: SimulationCase) =>
    new Promise<Answer>((resolve) => {
      const end = (answer: Answer) => {
        clearTimeout(timer);
        child.off('message', end);
        child.off('exit', onExit);
        resolve(answer);
      };
      const onExit = (code: number | null, signal: string | null) =>
        end({ failure: `the process that simulated seed ${given.seed} ended with ${code ?? signal}` });
      const timer = setTimeout(
        () => end({ failure: 'its process computed without an end, and was killed' }),
        SILENT_SECONDS * 1000,
      );
      child.on('message', end);
      child.on('exit', onExit);
      child.send({ given });
    });

  return {
    async run(given) {
      const child = await take();
      const answer = await ask(child, given);
      const isSpoiled = 'failure' in answer || answer.outcome.broken.some(({ invariant }) => invariant === 'ends');
      if (isSpoiled) discard(child);
      else give(child);
      return 'failure' in answer ? unsimulated(answer.failure) : answer.outcome;
    },
    close() {
      for (const child of all) child.kill('SIGKILL');
    },
  };
}
