import assert from 'node:assert/strict';
import { NodegroupNotFound } from '../../../domain/errors.ts';
import type { AutoScalingGroup } from '../../../domain/types.ts';
import { readGroup } from '../../../operations/nodegroup/observe-group.ts';
import { createPorts } from '../ports-in-memory.ts';

describe('#62 a group that the run has seen before', () => {
  it('is looked for again when one answer lacks it', async () => {
    const { deps, aws, clock } = createPorts();
    const group = aws.groups.get('workers') as AutoScalingGroup;
    aws.groups.delete('workers');
    clock.after(4, () => aws.groups.set('workers', group));
    assert.equal((await readGroup(deps, 'workers')).name, 'workers');
  });

  it('is gone when it stays away', async () => {
    const { deps, aws } = createPorts();
    aws.groups.delete('workers');
    await assert.rejects(readGroup(deps, 'workers'), NodegroupNotFound);
  });
});
