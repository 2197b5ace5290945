import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checkImage, doubtOf } from '../../../domain/ami/check-image.ts';
import type { MachineImage } from '../../../domain/types.ts';

const imageOf = (name: string): MachineImage => ({
  imageId: 'ami-0fedcba9876543210',
  name,
  state: 'available',
  architecture: 'x86_64',
  isAllowed: true,
  platform: 'linux',
  createdAt: '2026-01-01T00:00:00Z',
});

const check = (name: string) =>
  checkImage({ image: imageOf(name), architectures: ['x86_64'], kubernetesVersion: '1.33' });

describe('#37 the Kubernetes version in the name of an AMI', () => {
  const rows: [name: string, outcome: 'refused' | 'doubted' | 'accepted'][] = [
    ['amazon-eks-node-al2023-x86_64-standard-1.33-v20260101', 'accepted'],
    ['amazon-eks-node-al2023-x86_64-standard-1.34-v20260101', 'refused'],
    ['bottlerocket-aws-k8s-1.29-x86_64-v1.49.0-abcdef12', 'refused'],
    ['bottlerocket-aws-k8s-1.33-x86_64-v1.4.0-abcdef12', 'accepted'],
    ['Windows_Server-2022-English-Core-EKS_Optimized-1.35-2026.01.13', 'refused'],
    ['acme-eks-base-1.4-20260101', 'doubted'],
    ['acme-al2023-containerd-1.7-k8s-1.33-v20260101', 'accepted'],
    ['golden_image_amazon_linux_2_vEKS_3.0.10_2023-07-28', 'accepted'],
    ['acme-node-1.33-hardened', 'accepted'],
    ['acme-eks-33-v1.12', 'doubted'],
    ['acme-cis-1.1-eks-1.33', 'accepted'],
    ['acme-build-2.1.4', 'accepted'],
    ['acme-node', 'accepted'],
  ];
  for (const [name, outcome] of rows) {
    it(`${name} is ${outcome} under 1.33`, () => {
      if (outcome === 'refused') assert.throws(() => check(name), { name: 'InvalidInput' });
      else assert.doesNotThrow(() => check(name));
      assert.equal(doubtOf(imageOf(name), '1.33') !== undefined, outcome === 'doubted');
    });
  }

  it('says in doubt what would be wrong', () =>
    assert.equal(
      doubtOf(imageOf('acme-eks-base-1.4-20260101'), '1.33'),
      'ami-0fedcba9876543210 is named acme-eks-base-1.4-20260101: if 1.4 is its Kubernetes version, its nodes cannot join a control plane of 1.33, as they may be up to three minor versions older, and never newer',
    ));
});
