import { historyBounded, statesBounded } from './bounded.ts';
import { budgetsHold } from './budgets-hold.ts';
import { capacityHolds } from './capacity-holds.ts';
import { causesAreSentences } from './causes-are-sentences.ts';
import { desiredNeverLowered } from './desired-never-lowered.ts';
import { evictionsBounded } from './evictions-bounded.ts';
import type { Invariant } from './invariant.ts';
import { licensed, ownNodeOnly } from './licensed.ts';
import { movedOnce } from './moved-once.ts';
import { noPodsTerminated } from './no-pods-terminated.ts';
import { nothingLeftBehind } from './nothing-left-behind.ts';
import { oneWriter } from './one-writer.ts';
import { othersChangesStay } from './others-changes-stay.ts';
import { rightfulNodes } from './rightful-nodes.ts';
import { sameInput } from './same-input.ts';
import { statusTruthful } from './status-truthful.ts';
import { terminationsBounded } from './terminations-bounded.ts';
import { zonesBalanced } from './zones-balanced.ts';

/** All that must hold in every world, in the order of docs/guarantees.md. */
export const INVARIANTS: readonly Invariant[] = [
  capacityHolds,
  budgetsHold,
  rightfulNodes,
  noPodsTerminated,
  licensed,
  oneWriter,
  sameInput,
  ownNodeOnly,
  evictionsBounded,
  movedOnce,
  terminationsBounded,
  desiredNeverLowered,
  zonesBalanced,
  othersChangesStay,
  statusTruthful,
  nothingLeftBehind,
  causesAreSentences,
  historyBounded,
  statesBounded,
];
