import { causesAreSentences } from './causes-are-sentences.ts';
import type { Invariant } from './invariant.ts';

/** All that must hold in every world, in the order of docs/guarantees.md. */
export const INVARIANTS: readonly Invariant[] = [causesAreSentences];
