import assert from 'node:assert/strict';
import { sharedInput } from '../../../domain/admission/entry.ts';
import type { GroupRecord } from '../../../domain/admission/record.ts';
import { parseInput } from '../../../domain/input/input.ts';
import { adoptionNotes } from '../../../domain/plan/adoption.ts';
import { accountsWith, aHeldEntry } from '../admission/entry-builders.ts';
import { aLease, aRun } from '../builders.ts';

const inputOf = (settings: object = {}) =>
  parseInput({ clusterName: 'production', autoScalingGroupName: 'workers', ...settings });

const record = (run: object | undefined, entries = [aHeldEntry({ nodeName: 'node-1' })]): GroupRecord => ({
  lease: aLease(),
  holder: undefined,
  orders: {},
  nonce: undefined,
  accounts: accountsWith(entries),
  inputs: run === undefined ? {} : { c0ffee00: sharedInput(aRun(run)) },
});

describe('what the plan says of nodes that a takeover adopts (#40)', () => {
  const begun = 'an earlier run has begun with 1 node, which this one adopts: node-1';
  const rows: [title: string, record: GroupRecord | undefined, input: object, notes: string[]][] = [
    ['nothing where there is no record', undefined, {}, []],
    ['nothing where nothing is in hand', record({}, []), {}, []],
    ['nothing of nodes whose instances go already', record({}, [aHeldEntry({ state: 'leaving' })]), {}, []],
    ['which they are, when their settings are the same', record({}), {}, [begun]],
    [
      'which other settings they keep',
      record({ drainTimeoutSeconds: 600, pods: { unmanaged: 'refuse', localStorage: 'evict' } }),
      {},
      [`${begun}; they keep drainTimeoutSeconds 600, pods.unmanaged refuse`],
    ],
    ['that they have no force, where this run has', record({}), { force: true }, [`${begun}; they keep force false`]],
    [
      'that a force which is not wanted now is withdrawn',
      record({ force: true, drainTimeoutSeconds: 600 }),
      {},
      [`${begun}; they are stopped, and drained again without force`],
    ],
    [
      'that the record does not tell',
      record(undefined),
      {},
      [`${begun}; with which settings the record does not tell`],
    ],
  ];
  for (const [title, found, input, notes] of rows) {
    it(`says ${title}`, () => assert.deepEqual(adoptionNotes(found, inputOf(input)), notes));
  }
});
