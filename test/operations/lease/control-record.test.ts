import assert from 'node:assert/strict';
import sinon from 'sinon';
import { CONTROL, withControl } from '../../../domain/admission/control.ts';
import { acquireLease, changeControl } from '../../../operations/lease/control-record.ts';
import { aLease, aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import { createPorts } from '../ports-in-memory.ts';

const OTHER_ARN = 'arn:aws:states:eu-west-1:111122223333:execution:upgrade-nodegroup:monday';
const NAME = 'eks-nodegroup-upgrade-workers';

describe('the lease of a node group', () => {
  it('is created by the first run', async () => {
    const { deps, kubernetes } = createPorts();
    assert.equal(await acquireLease(deps, aRun()), 'acquired');
    assert.equal(kubernetes.leases.get(NAME)?.holder, EXECUTION_ARN);
  });

  it('is acquired again by a step that is retried, without a change', async () => {
    const { deps, kubernetes, changes } = createPorts();
    kubernetes.leases.set(NAME, aLease());
    assert.equal(await acquireLease(deps, aRun()), 'acquired');
    assert.deepEqual(changes, []);
  });

  it('is refused while a running execution holds it', async () => {
    const { deps, kubernetes, aws, changes } = createPorts();
    kubernetes.leases.set(NAME, aLease({ holder: OTHER_ARN }));
    aws.runningExecutions.add(OTHER_ARN);
    await assert.rejects(acquireLease(deps, aRun()), {
      name: 'UpgradeInProgress',
      message: `workers is being upgraded by ${OTHER_ARN}; wait for it, or cancel it, then start again`,
    });
    assert.deepEqual(changes, []);
  });

  it('is taken over from an execution that no longer runs, with its accounts and without its orders', async () => {
    const { deps, kubernetes } = createPorts();
    const annotations = { [CONTROL.absorbed]: '["i-1"]', [CONTROL.cancel]: 'yes', [CONTROL.pause]: 'yes' };
    kubernetes.leases.set(NAME, aLease({ holder: OTHER_ARN, annotations }));
    assert.equal(await acquireLease(deps, aRun()), 'takenOver');
    assert.deepEqual(kubernetes.leases.get(NAME)?.annotations, { [CONTROL.absorbed]: '["i-1"]' });
  });

  it('is acquired, not taken over, when a failed run has released it', async () => {
    const { deps, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, aLease({ holder: '' }));
    assert.equal(await acquireLease(deps, aRun()), 'acquired');
    assert.deepEqual(kubernetes.leases.get(NAME)?.annotations, {});
  });

  it('is refused when its namespace does not exist', async () => {
    const { deps, kubernetes, changes } = createPorts();
    kubernetes.hasLeaseNamespace = false;
    await assert.rejects(acquireLease(deps, aRun()), { name: 'InvalidInput', message: /has no namespace/ });
    assert.deepEqual(changes, []);
  });

  it('is read again when another run was quicker to create it', async () => {
    const { deps, cluster, kubernetes } = createPorts();
    const create = sinon.stub(cluster, 'createLease').callsFake(async () => {
      kubernetes.leases.set(NAME, aLease({ holder: '' }));
      return 'conflict';
    });
    assert.equal(await acquireLease(deps, aRun()), 'acquired');
    assert.equal(create.callCount, 1);
  });

  it('is given up as a conflict when it changes at every attempt', async () => {
    const { deps, cluster, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, aLease({ holder: '' }));
    const replace = sinon.stub(cluster, 'replaceLease').resolves('conflict');
    await assert.rejects(acquireLease(deps, aRun()), {
      name: 'Conflict',
      message: /changed 5 times while it was being/,
    });
    assert.equal(replace.callCount, 5);
  });
});

describe('the control record', () => {
  const blockOne = (ports: ReturnType<typeof createPorts>) =>
    changeControl(ports.cluster, aRun(), (lease) => withControl(lease, { blocked: { count: 1, outdatedLeft: 2 } }));

  it('is changed by the run that holds the lease', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(NAME, aLease());
    const changed = await blockOne(ports);
    assert.equal(changed?.annotations[CONTROL.blocked], '{"count":1,"outdatedLeft":2}');
    assert.deepEqual(ports.kubernetes.leases.get(NAME), changed);
  });

  for (const [title, lease] of [
    ['there is no lease', undefined],
    ['another execution holds it', aLease({ holder: OTHER_ARN })],
  ] as const) {
    it(`is left alone when ${title}`, async () => {
      const ports = createPorts();
      if (lease !== undefined) ports.kubernetes.leases.set(NAME, lease);
      assert.equal(await blockOne(ports), undefined);
      assert.deepEqual(ports.changes, []);
    });
  }

  it('is read again when somebody else changed it in between', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(NAME, aLease());
    const replace = sinon.stub(ports.cluster, 'replaceLease');
    replace.onFirstCall().callsFake(async () => {
      ports.kubernetes.leases.set(NAME, aLease({ resourceVersion: '8', annotations: { [CONTROL.pause]: 'lunch' } }));
      return 'conflict';
    });
    replace.callThrough();
    const changed = await blockOne(ports);
    assert.equal(changed?.annotations[CONTROL.pause], 'lunch');
  });

  it('is given up as a conflict when it changes at every attempt', async () => {
    const ports = createPorts();
    ports.kubernetes.leases.set(NAME, aLease());
    sinon.stub(ports.cluster, 'replaceLease').resolves('conflict');
    await assert.rejects(blockOne(ports), { name: 'Conflict', message: /changed 5 times while it was being written/ });
  });
});
