import { type BreakName, isBreak } from './breaks/breaks.ts';
import { switchOff } from './breaks/switch-off.ts';
import type { SimulationCase } from './case.ts';

/** What a worker is asked: one case at a time. */
export interface Question {
  readonly given: SimulationCase;
}

/**
 * Answer the cases that the parent process sends, one after another, until it goes away.
 *
 * @param broken the safeguard that is switched off
 */
export async function answerParent(broken: BreakName | undefined): Promise<void> {
  if (broken !== undefined) switchOff(broken);
  // Not before a safeguard may have been switched off: what is loaded stays as it is.
  const { runCase } = await import('./run-case.ts');
  process.on('message', ({ given }: Question) => {
    runCase(given).then(
      (outcome) => process.send?.({ outcome }),
      (thrown: Error) => process.send?.({ failure: thrown.stack ?? thrown.message }),
    );
  });
  process.on('disconnect', () => process.exit());
}

const [, , broken] = process.argv;
await answerParent(broken !== undefined && isBreak(broken) ? broken : undefined);
