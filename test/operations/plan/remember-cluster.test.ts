import assert from 'node:assert/strict';
import sinon from 'sinon';
import { AccessDenied } from '../../../domain/errors.ts';
import { rememberCluster } from '../../../operations/plan/remember-cluster.ts';
import { createPorts } from '../ports-in-memory.ts';

describe('a cluster that is read once', () => {
  it('is connected to once, also by callers at the same time', async () => {
    const { deps } = createPorts();
    const connect = sinon.spy(deps, 'cluster');
    const remembered = rememberCluster(deps);
    const [first, second] = await Promise.all([remembered.cluster('production'), remembered.cluster('production')]);
    assert.equal(first, second);
    await remembered.cluster('staging');
    assert.deepEqual(
      connect.args.map(([name]) => name),
      ['production', 'staging'],
    );
  });

  it('answers about each right once, and about another right on its own', async () => {
    const { deps, cluster, kubernetes } = createPorts();
    kubernetes.missingRights.add('watch pods');
    const may = sinon.spy(cluster, 'may');
    const remembered = await rememberCluster(deps).cluster('production');
    const right = { subject: 'readers', group: '', resource: 'pods' };
    const answers = [
      await remembered.may({ ...right, verb: 'watch' }),
      await remembered.may({ ...right, verb: 'list' }),
      await remembered.may({ ...right, verb: 'watch' }),
    ];
    assert.deepEqual([answers, may.callCount], [[false, true, false], 2]);
  });

  it('repeats a refusal without asking again', async () => {
    const { deps, cluster } = createPorts();
    const list = sinon.stub(cluster, 'listBudgets').rejects(new AccessDenied('you may not list budgets'));
    const remembered = await rememberCluster(deps).cluster('production');
    await assert.rejects(remembered.listBudgets(), AccessDenied);
    await assert.rejects(remembered.listBudgets(), AccessDenied);
    assert.equal(list.callCount, 1);
  });
});
