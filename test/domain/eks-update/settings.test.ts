import assert from 'node:assert/strict';
import { checkEksSettings } from '../../../domain/eks-update/settings.ts';
import { parseInput } from '../../../domain/input/input.ts';
import type { EksNodegroup } from '../../../domain/types.ts';

const NODEGROUP: EksNodegroup = {
  name: 'workers',
  status: 'ACTIVE',
  version: '1.33',
  releaseVersion: '1.33.5-20251120',
  amiType: 'AL2023_x86_64_STANDARD',
  healthIssues: [],
  labels: {},
  updateConfig: { maxUnavailable: 1 },
};

const check = (settings: object) =>
  checkEksSettings(parseInput({ clusterName: 'shop', nodegroupName: 'workers', ...settings }), NODEGROUP);

describe('the settings of an update by EKS', () => {
  it("refuse any parallelism but the node group's own", () =>
    assert.throws(() => check({ updateConfig: { maxUnavailable: 100 } }), {
      name: 'InvalidInput',
      message: /^"updateConfig" is given, but EKS uses the node group's own: .*--update-config …, or ask for /,
    }));

  it('refuse more than 100 nodes at a time in the same sentence, since EKS would refuse it next', () =>
    assert.throws(() => check({ updateConfig: { maxUnavailable: 101 } }), {
      name: 'InvalidInput',
      message: /--update-config … with 100 at most, as EKS replaces no more nodes at a time, or ask for /,
    }));

  it('accept what says nothing of it', () => assert.doesNotThrow(() => check({})));
});
