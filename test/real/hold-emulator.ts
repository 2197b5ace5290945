import assert from 'node:assert/strict';
import { it } from 'mocha';
import { KNOWN_FAULTS, type KnownFault } from './known-faults.ts';

/**
 * Check one behaviour on one side: one test. For an emulator that is known to lack it, the test is that the known fault is still
 * there, so that the list of known faults stays true. Its title then differs, and the behaviour does not count as checked.
 */
export function holdTo<Side>(
  emulator: KnownFault['emulator'] | undefined,
  [behaviour, hold]: readonly [title: string, hold: (side: Side) => Promise<void>],
  side: () => Side,
): void {
  const known = KNOWN_FAULTS.find((fault) => fault.emulator === emulator && fault.behaviour === behaviour);
  if (known === undefined) {
    it(behaviour, () => hold(side()));
    return;
  }
  it(`does not ${behaviour} (${known.heading})`, async () => {
    const failure = await hold(side()).then(
      () => undefined,
      (thrown: unknown) => String(thrown),
    );
    if (failure === undefined) {
      assert.fail(`it does now: take "${known.heading}" out of known-faults.ts and docs/sandbox-fidelity.md`);
    }
    assert.match(failure, known.shows);
  });
}
