import assert from 'node:assert/strict';
import {
  describeEnd,
  describeNodeLeft,
  diagnosesOf,
  failedNodesOf,
  nameOfFailure,
} from '../../../domain/eks-update/failure.ts';
import type { ErrorName } from '../../../domain/errors.ts';
import type { EksUpdate } from '../../../domain/types.ts';

const failed = (...codes: string[]): EksUpdate => ({
  id: 'u-1',
  status: 'Failed',
  type: 'VersionUpdate',
  params: {},
  createdAt: '2026-01-12T10:00:00.000Z',
  errors: codes.map((code) => ({ code, message: `${code} happened.`, resourceIds: [] })),
});

describe('how an update of EKS failed', () => {
  const cases: [codes: string[], name: ErrorName][] = [
    [['PodEvictionFailure'], 'PodEvictionFailure'],
    [['NodeCreationFailure'], 'NodeCreationFailure'],
    [['InsufficientFreeAddresses'], 'NodeCreationFailure'],
    [['SubnetNotFound'], 'NodeCreationFailure'],
    [['AccessDenied'], 'AccessDenied'],
    [['AdmissionRequestDenied'], 'AccessDenied'],
    [['ClusterUnreachable'], 'ClusterUnreachable'],
    [['Unknown'], 'NotConverging'],
    [['SomethingNew'], 'NotConverging'],
    [[], 'NotConverging'],
    [['Unknown', 'PodEvictionFailure'], 'PodEvictionFailure'],
  ];
  for (const [codes, name] of cases) {
    it(`${codes.join(' and ') || 'no reason'} becomes ${name}`, () =>
      assert.equal(nameOfFailure(failed(...codes)), name));
  }

  it('a cancelled update was cancelled, whatever it says', () =>
    assert.equal(nameOfFailure({ ...failed('Unknown'), status: 'Cancelled' }), 'UpgradeCancelled'));

  it("keeps EKS's words and the names it gives", () => {
    const update = failed('Unknown');
    const errors = [{ code: 'PodEvictionFailure', message: 'Reached max retries.', resourceIds: ['node-a', 'node-b'] }];
    assert.equal(
      describeEnd({ ...update, errors }),
      'EKS update u-1 ended as Failed. EKS says: PodEvictionFailure: Reached max retries (node-a, node-b).',
    );
    assert.equal(describeEnd(failed()), 'EKS update u-1 ended as Failed. EKS gives no reason.');
  });

  it('names each node of its errors once, at most 100 of them', () => {
    const errorOn = (resourceIds: string[]) => ({ code: 'PodEvictionFailure', message: 'x', resourceIds });
    assert.deepEqual(failedNodesOf({ errors: [errorOn(['node-a', 'node-b']), errorOn(['node-a'])] }), [
      'node-a',
      'node-b',
    ]);
    assert.equal(
      failedNodesOf({ errors: [errorOn(Array.from({ length: 101 }, (_, id) => `node-${id}`))] }).length,
      100,
    );
  });

  it("adds once what to check where EKS's words do not say it", () => {
    const [role, ...more] = diagnosesOf(failed('AccessDenied', 'AccessDenied'));
    assert.match(role ?? '', /ClusterRole eks:node-manager: check .* ClusterRoleBinding exist/);
    assert.deepEqual(more, []);
    assert.match(diagnosesOf(failed('AdmissionRequestDenied')).join(), /admission webhook or policy/);
    assert.deepEqual(diagnosesOf(failed('PodEvictionFailure', 'SomethingNew')), []);
  });

  it('names the pods that are not blocked any more as well, and says when none is left', () => {
    const nowAt = '2026-01-12T10:00:00.000Z';
    assert.equal(
      describeNodeLeft('node-a', { blockingPods: [], free: ['shop/web-1'] }, nowAt),
      'node-a: Also left, but not blocked now: shop/web-1.',
    );
    assert.equal(
      describeNodeLeft('node-a', { blockingPods: [], free: [] }, nowAt),
      'node-a: no pod is left on it now.',
    );
  });
});
