import assert from 'node:assert/strict';
import sinon from 'sinon';
import { giveOrders } from '../../../operations/lease/give-orders.ts';
import { aLease, EXECUTION_ARN } from '../../domain/builders.ts';
import { createPorts } from '../ports-in-memory.ts';

const NAME = 'workers';

describe('an order to a run', () => {
  it('is written beside what is there, and taken back', async () => {
    const { cluster, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, aLease({ annotations: { 'example.com/team': 'shop' } }));
    const given = await giveOrders(cluster, NAME, EXECUTION_ARN, { pause: 'lunch', cancel: 'incident' });
    assert.deepEqual(given !== 'notHeld' && given.orders, { pause: 'lunch', cancel: 'incident' });
    const taken = await giveOrders(cluster, NAME, EXECUTION_ARN, { pause: null });
    assert.deepEqual(taken !== 'notHeld' && taken.orders, { cancel: 'incident' });
    assert.equal(kubernetes.leases.get(NAME)?.annotations['example.com/team'], 'shop');
  });

  it('is not given to another run, nor to none', async () => {
    const { cluster, kubernetes, changes } = createPorts();
    assert.equal(await giveOrders(cluster, NAME, EXECUTION_ARN, { pause: 'x' }), 'notHeld');
    kubernetes.leases.set(NAME, aLease({ holder: 'another' }));
    assert.equal(await giveOrders(cluster, NAME, EXECUTION_ARN, { pause: 'x' }), 'notHeld');
    assert.deepEqual(changes, []);
  });

  it('is cut to what a history has room for', async () => {
    const { cluster, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, aLease());
    const given = await giveOrders(cluster, NAME, EXECUTION_ARN, { cancel: 'x'.repeat(5_000) });
    assert.equal(given !== 'notHeld' && given.orders.cancel?.length, 500);
  });

  it('is given up as a conflict when the Lease changes at every attempt', async () => {
    const { cluster, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, aLease());
    const annotate = sinon.stub(cluster, 'annotateLease').resolves('conflict');
    await assert.rejects(giveOrders(cluster, NAME, EXECUTION_ARN, { pause: 'x' }), { name: 'Conflict' });
    assert.equal(annotate.callCount, 5);
  });
});
