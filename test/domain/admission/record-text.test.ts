import assert from 'node:assert/strict';
import { nodeExecutionInput, nodeExecutionName, sharedInput } from '../../../domain/admission/entry.ts';
import { type Accounts, type HeldEntry, leaseName, RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { readRecord, withoutOrders, writeRecord } from '../../../domain/admission/record-text.ts';
import { aLease, aRun } from '../builders.ts';
import { accountsWith, aHeldEntry } from './entry-builders.ts';
import { parkedNode } from './facts-builder.ts';

const hex = (index: number, length: number) =>
  (index * 2_654_435_761 + 7).toString(16).padStart(length, '0').slice(-length);

/** An entry with names as long as they come. */
const longEntry = (index: number, overrides: Partial<HeldEntry> = {}): HeldEntry =>
  aHeldEntry({
    instanceId: `i-0${hex(index, 16)}`,
    nodeName: `ip-10-${index % 200}-128-199.ap-southeast-2.compute.internal`,
    uid: `${hex(index, 8)}-0123-4567-89ab-${hex(index, 12)}`,
    zone: 'ap-southeast-2a',
    runId: 'c0ffee00',
    admittedAt: new Date(1_790_000_000_123 + index).toISOString(),
    ...overrides,
  });

const write = (accounts: Accounts, inputs: Record<string, string> = {}) =>
  writeRecord(aLease({ annotations: { note: 'theirs' } }), { nonce: 'n1', accounts, inputs });
const reread = (accounts: Accounts) => readRecord(write(accounts)).accounts;

describe('the record as annotations of a Lease', () => {
  const full: Accounts = {
    ...accountsWith([
      longEntry(1),
      longEntry(2, {
        state: 'leaving',
        since: '2026-01-15T12:34:56.789Z',
        decrement: true,
        outcome: 'no',
        missed: 1,
        attempt: 3,
        enters: 'terminate',
      }),
      longEntry(3, { kind: 'surplus', admittedAt: '2026-01-15T12:00:00+01:00', since: '2026-01-15T12:00:00+01:00' }),
    ]),
    parked: [parkedNode('i-9', { budgets: ['shop/checkout'] })],
    raise: { from: 3, to: 6, since: '2026-01-15T12:00:00.000Z' },
    unreported: [nodeExecutionName('workers', longEntry(1)), nodeExecutionName('workers', longEntry(2))],
  };

  it('comes back as it was written', () => assert.deepEqual(reread(full), full));

  it('comes back without what an entry does not have', () => {
    const { nodeName: _name, uid: _uid, ...bare } = longEntry(1);
    assert.deepEqual(reread(accountsWith([bare])), accountsWith([bare]));
  });

  it('brings names of any mixture back', () => {
    for (const unreported of [
      [],
      ['one'],
      ['workers-i-01-1-c0ffee00', 'other'],
      ['a-i-0-b', 'a-i-0-1-b'],
      ['-', '-'],
    ]) {
      assert.deepEqual(reread({ ...full, unreported }), { ...full, unreported });
    }
  });

  it('gives every entry the same name and input, byte for byte, after it was read again', () => {
    const shared = sharedInput(aRun());
    const again = reread(full);
    assert.ok(again !== undefined && again !== 'unreadable');
    for (const [index, entry] of full.entries.entries()) {
      assert.equal(nodeExecutionInput(shared, again.entries[index] as HeldEntry), nodeExecutionInput(shared, entry));
      assert.equal(
        nodeExecutionName('workers', again.entries[index] as HeldEntry),
        nodeExecutionName('workers', entry),
      );
    }
  });

  it('needs at most 200 bytes for an entry', () => {
    const size = (entries: HeldEntry[]) =>
      Buffer.byteLength(write(accountsWith(entries)).annotations[RECORD_ANNOTATIONS.accounts] ?? '');
    const longest = longEntry(1, { state: 'leaving', since: '2026-01-15T12:34:56.789Z', attempt: 12, outcome: 'yes' });
    assert.ok(size([longest, longest]) - size([longest]) <= 200);
  });

  it('stays below 150 KB with 500 nodes in hand, 225 that leave, and everything that is remembered', () => {
    const entries = Array.from({ length: 725 }, (_, index) =>
      longEntry(index, index < 500 ? {} : { state: 'leaving', outcome: 'yes' }),
    );
    const accounts: Accounts = {
      ...accountsWith(entries),
      unreported: entries.map((entry) => nodeExecutionName('eks-production-workers-general-purpose', entry)),
    };
    const inputs = { c0ffee00: sharedInput(aRun()) };
    const bytes = Object.values(write(accounts, inputs).annotations).reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      0,
    );
    assert.ok(bytes < 150_000, `${bytes} bytes`);
  });

  it('keeps orders, and whatever others wrote on the Lease', () => {
    const lease = aLease({ annotations: { note: 'theirs', [RECORD_ANNOTATIONS.pause]: 'lunch' } });
    const written = writeRecord(lease, { nonce: 'n1', accounts: full, inputs: {} });
    assert.equal(written.annotations.note, 'theirs');
    assert.deepEqual(readRecord(written).orders, { pause: 'lunch' });
    assert.equal(readRecord(written).nonce, 'n1');
    const after = withoutOrders(written);
    assert.deepEqual(
      [readRecord(after).orders, after.annotations.note, readRecord(after).accounts],
      [{}, 'theirs', full],
    );
  });

  it('reads orders as one short printable line, whatever somebody wrote', () => {
    const lease = aLease({ annotations: { [RECORD_ANNOTATIONS.cancel]: `wrong\u202e AMI\n${'x'.repeat(9_000)}` } });
    const cancel = readRecord(lease).orders.cancel ?? '';
    assert.ok(cancel.length <= 500);
    assert.ok(!/\n|\u202e/.test(cancel), cancel);
  });

  for (const text of [
    '',
    'nonsense',
    'null',
    '[]',
    '{}',
    '{"entries":[]}',
    '{"entries":[["i-1"]],"unreported":[]}',
    JSON.stringify({ ...full, entries: [], wish: -1 }),
  ]) {
    it(`is unreadable as ${text.slice(0, 40) || 'an empty text'}`, () => {
      assert.equal(readRecord(aLease({ annotations: { [RECORD_ANNOTATIONS.accounts]: text } })).accounts, 'unreadable');
    });
  }

  it('has no accounts before the first step', () => assert.equal(readRecord(aLease()).accounts, undefined));

  it('keeps the shared input of the run and of entries that were adopted, and of no other', () => {
    const accounts = accountsWith([longEntry(1, { runId: 'adopted1' })]);
    const written = write(accounts, { c0ffee00: '{"run":"own"}', adopted1: '{"run":"theirs"}', gone0000: 'old' });
    assert.deepEqual(readRecord(written).inputs, { c0ffee00: '{"run":"own"}', adopted1: '{"run":"theirs"}' });
  });

  it('has no inputs where somebody edited them into nonsense', () => {
    assert.deepEqual(readRecord(aLease({ annotations: { [RECORD_ANNOTATIONS.inputs]: '{"a":1}' } })).inputs, {});
  });
});

describe('#42 the name of the Lease', () => {
  it('is that of the Auto Scaling group, under whatever name the group was given to the run', () => {
    assert.equal(leaseName('workers'), 'workers');
    assert.notEqual(leaseName('Workers'), leaseName('workers'));
    assert.notEqual(leaseName('a b'), leaseName('a-b'));
    assert.match(leaseName('Ä/ü'), /^[a-z0-9-]+$/);
    assert.ok(leaseName('x'.repeat(255)).length <= 253);
  });
});
