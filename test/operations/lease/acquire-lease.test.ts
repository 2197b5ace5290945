import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RECORD_ANNOTATIONS } from '../../../domain/admission/record.ts';
import { writeRecord } from '../../../domain/admission/record-text.ts';
import type { Lease } from '../../../domain/types.ts';
import { acquireLease } from '../../../operations/lease/acquire-lease.ts';
import { accountsWith, aHeldEntry, executionOf } from '../../domain/admission/entry-builders.ts';
import { aLease, anEksRun, aRun, EXECUTION_ARN } from '../../domain/builders.ts';
import { createPorts } from '../ports-in-memory.ts';

const OTHER_ARN = EXECUTION_ARN.replace('tuesday', 'monday');
const NAME = 'workers';

const withAccounts = (lease: Lease): Lease =>
  writeRecord(lease, { nonce: 'old', accounts: accountsWith([aHeldEntry()]), inputs: { c0ffee00: '{}' } });

describe('the lock of a node group', () => {
  it('is created by the first run', async () => {
    const { deps, kubernetes } = createPorts();
    assert.deepEqual(await acquireLease(deps, aRun()), { status: 'acquired', adopted: [], adoptedCount: 0 });
    assert.equal(kubernetes.leases.get(NAME)?.holder, EXECUTION_ARN);
  });

  it('is acquired again by a step that is retried, without a change', async () => {
    const { deps, kubernetes, changes } = createPorts();
    kubernetes.leases.set(NAME, aLease());
    assert.equal((await acquireLease(deps, aRun())).status, 'acquired');
    assert.deepEqual(changes, []);
  });

  it('is refused without its namespace, with the command that makes it, and nothing is touched', async () => {
    const { deps, cluster, changes } = createPorts();
    sinon.stub(cluster, 'createLease').resolves('noNamespace');
    await assert.rejects(acquireLease(deps, aRun()), {
      name: 'InvalidInput',
      message:
        'cluster production has no namespace eks-nodegroup-upgrade, in which a run keeps its record: kubectl apply -f kubernetes/rbac.yaml, then start again',
    });
    assert.deepEqual(changes, []);
  });

  it('is refused while its record cannot be read, with the way out, and nothing is touched', async () => {
    const { deps, kubernetes, changes } = createPorts();
    const annotations = { [RECORD_ANNOTATIONS.accounts]: '{"entries": "none"}' };
    kubernetes.leases.set(NAME, aLease({ holder: '', annotations }));
    await assert.rejects(acquireLease(deps, aRun()), {
      name: 'InvalidInput',
      message:
        /^the annotation eks-nodegroup-upgrade\/accounts of the Lease eks-nodegroup-upgrade\/workers was edited .* delete the Lease \(kubectl --namespace eks-nodegroup-upgrade delete lease workers\), then start again; the next run rebuilds it from the nodes$/,
    });
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

  for (const [title, holder] of [
    ['region', OTHER_ARN.replace('eu-west-1', 'us-east-1')],
    ['account', OTHER_ARN.replace('111122223333', '444455556666')],
  ] as const) {
    it(`is refused while an execution of another ${title} holds it, which cannot be looked up, with the way out`, async () => {
      const { deps, kubernetes, changes } = createPorts();
      kubernetes.leases.set(NAME, aLease({ holder }));
      await assert.rejects(acquireLease(deps, aRun()), {
        name: 'UpgradeInProgress',
        message: /of another account or region .* once it has ended, delete the Lease eks-nodegroup-upgrade\/workers/,
      });
      assert.deepEqual(changes, []);
    });
  }

  it('is taken over from an execution that no longer runs: nodes in hand are adopted, orders end with that run', async () => {
    const { deps, kubernetes } = createPorts();
    const { pause, cancel, halt, accounts, inputs } = RECORD_ANNOTATIONS;
    const orders = { [pause]: 'lunch', [cancel]: 'incident', [halt]: 'now', 'example.com/team': 'shop' };
    kubernetes.leases.set(NAME, withAccounts(aLease({ holder: OTHER_ARN, annotations: orders })));
    assert.deepEqual(await acquireLease(deps, aRun()), {
      status: 'takenOver',
      adopted: [executionOf()],
      adoptedCount: 1,
    });
    const { holder, annotations = {} } = kubernetes.leases.get(NAME) ?? {};
    assert.equal(holder, EXECUTION_ARN);
    assert.deepEqual(Object.keys(annotations).sort(), [accounts, inputs, 'example.com/team'].sort());
  });

  for (const holder of ['janitor/ab12', 'bob']) {
    it(`is taken over from ${holder}, which no run has to wait for`, async () => {
      const { deps, kubernetes } = createPorts();
      kubernetes.leases.set(NAME, aLease({ holder }));
      assert.equal((await acquireLease(deps, anEksRun())).status, 'takenOver');
    });
  }

  it('is acquired, not taken over, when a failed run has released it', async () => {
    const { deps, kubernetes } = createPorts();
    kubernetes.leases.set(NAME, withAccounts(aLease({ holder: '' })));
    const { status, adopted } = await acquireLease(deps, aRun());
    assert.deepEqual([status, adopted], ['acquired', [executionOf()]]);
  });

  it('names at most a hundred adopted nodes, and counts all', async () => {
    const { deps, kubernetes } = createPorts();
    const entries = Array.from({ length: 120 }, (_, index) => aHeldEntry({ instanceId: `i-${index}` }));
    const lease = writeRecord(aLease({ holder: '' }), { nonce: 'old', accounts: accountsWith(entries), inputs: {} });
    kubernetes.leases.set(NAME, lease);
    const { adopted, adoptedCount } = await acquireLease(deps, aRun());
    assert.deepEqual([adopted.length, adoptedCount], [100, 120]);
  });

  it('is read again when another run was quicker to create it', async () => {
    const { deps, cluster, kubernetes } = createPorts();
    const create = sinon.stub(cluster, 'createLease').callsFake(async () => {
      kubernetes.leases.set(NAME, aLease({ holder: '' }));
      return 'conflict';
    });
    assert.equal((await acquireLease(deps, aRun())).status, 'acquired');
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
