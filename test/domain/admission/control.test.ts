import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CONTROL,
  countBlocked,
  haltsTheRun,
  leaseName,
  readControl,
  withControl,
} from '../../../domain/admission/control.ts';
import { aLease } from '../builders.ts';

/** DNS subdomain of RFC 1123, which names of Leases must be. */
const LEGAL_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

describe('control: name of the lock', () => {
  const awkward = [
    'workers',
    'Workers',
    'workers-',
    '-workers',
    'wor kers',
    'wor/kers',
    'wor_kers',
    'wor.kers',
    'wor:kers',
    'eks-workers-2ac1d8f2-0b1c-4b53-a1f4-8d0e9c3b7a55',
    'việt-nam',
    '___',
    '节点组',
    '节点',
    'x'.repeat(255),
    `${'x'.repeat(254)}y`,
    `${'x'.repeat(199)}-${'y'.repeat(55)}`,
  ];

  for (const name of awkward) {
    it(`is one that Kubernetes takes for the group ${name.slice(0, 30)}${name.length > 30 ? '…' : ''}`, () =>
      assert.match(leaseName(name), LEGAL_NAME));
  }

  it('is another one for every group, however alike their names are', () =>
    assert.equal(new Set(awkward.map(leaseName)).size, awkward.length));

  it('is legal and its own for any two groups', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 255 }), fc.string({ minLength: 1, maxLength: 255 }), (a, b) => {
        assert.match(leaseName(a), LEGAL_NAME);
        assert.equal(leaseName(a) === leaseName(b), a === b);
      }),
    ));

  it('shows the name of an ordinary group, so that people find it', () =>
    assert.equal(leaseName('workers'), 'eks-nodegroup-upgrade-workers'));
});

describe('control: orders', () => {
  it('are none on a fresh lock', () => assert.deepEqual(readControl(aLease()), { absorbed: [] }));

  it('are read as they were written', () => {
    const orders = {
      halt: { error: 'AlarmTriggered', cause: 'in ALARM: errors' },
      cancel: 'wrong AMI',
      pause: 'lunch',
      blocked: { count: 2, outdatedLeft: 7 },
      absorbed: ['i-1', 'i-2'],
    };
    assert.deepEqual(readControl(withControl(aLease(), orders)), orders);
  });

  it('of an operator count whatever their text is, even none', () => {
    const lease = aLease({ annotations: { [CONTROL.cancel]: '', [CONTROL.pause]: '' } });
    assert.deepEqual(readControl(lease), { cancel: '', pause: '', absorbed: [] });
  });

  for (const text of [
    '',
    'yes',
    '{',
    'null',
    '5',
    '[]',
    '{}',
    '{"error": 5}',
    '{"count": "2"}',
    '[1]',
    '["i-1", null]',
  ]) {
    it(`that cannot be read are as good as absent: ${text === '' ? 'nothing' : text}`, () => {
      const lease = aLease({
        annotations: { [CONTROL.halt]: text, [CONTROL.blocked]: text, [CONTROL.absorbed]: text },
      });
      assert.deepEqual(readControl(lease), { absorbed: [] });
    });
  }

  it('are changed without touching what else is on the lock', () => {
    const lease = aLease({ annotations: { note: 'hands off', [CONTROL.pause]: 'lunch', [CONTROL.cancel]: 'stop' } });
    const changed = withControl(lease, { pause: undefined, absorbed: ['i-1'] });
    assert.deepEqual(changed, {
      ...lease,
      annotations: { note: 'hands off', [CONTROL.cancel]: 'stop', [CONTROL.absorbed]: '["i-1"]' },
    });
    assert.deepEqual(lease.annotations[CONTROL.pause], 'lunch', 'the lease given is left as it is');
  });
});

describe('control: blocked nodes', () => {
  it('are in a row as long as no node was terminated in between', () => {
    const first = countBlocked(undefined, 9);
    const second = countBlocked(first, 9);
    assert.deepEqual([first.count, second.count, countBlocked(second, 8).count], [1, 2, 1]);
  });

  const cases: [title: string, count: number, failurePolicy: 'finish' | 'halt', parallelism: number, halts: boolean][] =
    [
      ['one does not stop the run', 1, 'finish', 1, false],
      ['two in a row stop it, one node going at a time', 2, 'finish', 1, true],
      ['fewer than go at a time do not', 4, 'finish', 5, false],
      ['as many as go at a time do', 5, 'finish', 5, true],
      ['the first stops it when the input says so', 1, 'halt', 5, true],
    ];
  for (const [title, count, failurePolicy, parallelism, halts] of cases) {
    it(title, () => assert.equal(haltsTheRun({ count, outdatedLeft: 20 }, { failurePolicy, parallelism }), halts));
  }
});
