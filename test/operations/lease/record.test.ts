import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { Conflict } from '../../../domain/errors.ts';
import { changeRecord, findRecord } from '../../../operations/lease/record.ts';
import { aLease } from '../../domain/builders.ts';
import { createPorts, type PortsInMemory } from '../ports-in-memory.ts';

const NAME = 'workers';
const held = (): PortsInMemory => {
  const ports = createPorts();
  ports.kubernetes.leases.set(NAME, aLease());
  return ports;
};
const note = { 'example.com/note': 'x' };

describe('the record of a node group', () => {
  it('is absent without a Lease, and is then not changed', async () => {
    const { cluster, changes } = createPorts();
    assert.equal(await findRecord(cluster, NAME), undefined);
    assert.equal(await changeRecord(cluster, NAME, () => 'delete'), undefined);
    assert.deepEqual(changes, []);
  });

  it('is changed as decided, kept or deleted', async () => {
    const { cluster, kubernetes, changes } = held();
    assert.equal((await changeRecord(cluster, NAME, () => 'keep'))?.lease.resourceVersion, '7');
    assert.deepEqual(changes, []);
    const changed = await changeRecord(cluster, NAME, ({ lease }) => ({ ...lease, annotations: note }));
    assert.deepEqual(changed?.lease.annotations, note);
    assert.equal(await changeRecord(cluster, NAME, () => 'delete'), undefined);
    assert.equal(kubernetes.leases.size, 0);
  });

  it('is read again, with the orders given meanwhile, when somebody was quicker', async () => {
    const { cluster, kubernetes } = held();
    const replace = sinon.stub(cluster, 'replaceLease');
    replace.onFirstCall().callsFake(async () => {
      const annotations = { [RECORD_ANNOTATIONS.pause]: 'lunch' };
      kubernetes.leases.set(NAME, aLease({ resourceVersion: '8', annotations }));
      return 'conflict';
    });
    replace.callThrough();
    const changed = await changeRecord(cluster, NAME, ({ lease }) => ({
      ...lease,
      annotations: { ...lease.annotations, ...note },
    }));
    assert.equal(changed?.orders.pause, 'lunch');
  });

  it('is not deleted by somebody who has not seen its last change', async () => {
    const { cluster } = held();
    const remove = sinon.stub(cluster, 'deleteLease').rejects(new Conflict('changed'));
    await assert.rejects(
      changeRecord(cluster, NAME, () => 'delete'),
      { name: 'Conflict', message: /changed 5 times/ },
    );
    assert.equal(remove.callCount, 5);
  });

  it('tells orders in bounded text without control characters', async () => {
    const { cluster, kubernetes } = createPorts();
    const annotations = { [RECORD_ANNOTATIONS.cancel]: `a\u0007b\u202ec${'x'.repeat(3_000)}` };
    kubernetes.leases.set(NAME, aLease({ annotations }));
    const { cancel = '' } = (await findRecord(cluster, NAME))?.orders ?? {};
    assert.ok(cancel.length <= 500, String(cancel.length));
    assert.doesNotMatch(cancel, /[\p{Cc}\u202e]/u);
  });
});
