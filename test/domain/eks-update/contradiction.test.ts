import assert from 'node:assert/strict';
import { contradictedSince, describeContradiction } from '../../../domain/eks-update/contradiction.ts';
import type { NodegroupUpdate } from '../../../domain/eks-update/eks-update.ts';

const SINCE = '2026-01-04T03:00:00.000Z';
const NOW = '2026-01-04T03:05:00.000Z';

describe('what EKS says of its update against what its nodes run', () => {
  type Row = [
    title: string,
    status: 'Successful' | 'InProgress' | undefined,
    before: Pick<NodegroupUpdate, 'outdatedCount' | 'contradictedAt'>,
    outdatedCount: number,
    since: string | undefined,
  ];
  const rows: Row[] = [
    ['agrees when no node is outdated', 'Successful', { outdatedCount: 1, contradictedAt: SINCE }, 0, undefined],
    ['agrees while EKS still works', 'InProgress', { outdatedCount: 3 }, 3, undefined],
    ['is not known to differ when EKS does not know the update yet', undefined, { outdatedCount: 3 }, 3, undefined],
    ['differs from now on when EKS first calls it Successful', 'Successful', { outdatedCount: 3 }, 3, NOW],
    [
      'differs for as long as no further node is renewed',
      'Successful',
      { outdatedCount: 3, contradictedAt: SINCE },
      3,
      SINCE,
    ],
    ['differs anew after each node that is renewed', 'Successful', { outdatedCount: 3, contradictedAt: SINCE }, 2, NOW],
  ];
  for (const [title, status, before, outdatedCount, since] of rows) {
    it(title, () => assert.equal(contradictedSince(status && { status }, before, outdatedCount, NOW), since));
  }

  it('ends the run after ten minutes, and says how many nodes are left', () => {
    const update = { updateId: 'u-1', outdatedCount: 2, contradictedAt: SINCE } as NodegroupUpdate;
    assert.equal(describeContradiction(update, '2026-01-04T03:09:59.000Z'), undefined);
    assert.match(
      describeContradiction(update, '2026-01-04T03:10:00.000Z') ?? '',
      /^EKS calls update u-1 Successful, but 2 nodes of the group are still outdated 600 s later\./,
    );
  });
});
