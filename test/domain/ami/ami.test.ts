import assert from 'node:assert/strict';
import {
  AMI_TYPES,
  type AmiType,
  amiFamily,
  amiParameters,
  amiTypeOfName,
  releaseParameter,
} from '../../../domain/ami/ami.ts';

/*
 * All AMI types of the EKS API. The paths are written out in full, as the AWS documentation has them, so that a slip in
 * how they are put together shows.
 */

const EKS = '/aws/service/eks/optimized-ami/1.33';
const BOTTLEROCKET = '/aws/service/bottlerocket/aws-k8s-1.33';
const WINDOWS = '/aws/service/ami-windows-latest';

type Row = [amiType: AmiType, family: string | undefined, imageId: string | undefined, release: string | undefined];

const ROWS: Row[] = [
  [
    'AL2_x86_64',
    'AL2',
    `${EKS}/amazon-linux-2/recommended/image_id`,
    `${EKS}/amazon-linux-2/recommended/release_version`,
  ],
  [
    'AL2_x86_64_GPU',
    'AL2',
    `${EKS}/amazon-linux-2-gpu/recommended/image_id`,
    `${EKS}/amazon-linux-2-gpu/recommended/release_version`,
  ],
  [
    'AL2_ARM_64',
    'AL2',
    `${EKS}/amazon-linux-2-arm64/recommended/image_id`,
    `${EKS}/amazon-linux-2-arm64/recommended/release_version`,
  ],
  [
    'AL2023_x86_64_STANDARD',
    'AL2023',
    `${EKS}/amazon-linux-2023/x86_64/standard/recommended/image_id`,
    `${EKS}/amazon-linux-2023/x86_64/standard/recommended/release_version`,
  ],
  [
    'AL2023_ARM_64_STANDARD',
    'AL2023',
    `${EKS}/amazon-linux-2023/arm64/standard/recommended/image_id`,
    `${EKS}/amazon-linux-2023/arm64/standard/recommended/release_version`,
  ],
  [
    'AL2023_x86_64_NVIDIA',
    'AL2023',
    `${EKS}/amazon-linux-2023/x86_64/nvidia/recommended/image_id`,
    `${EKS}/amazon-linux-2023/x86_64/nvidia/recommended/release_version`,
  ],
  [
    'AL2023_ARM_64_NVIDIA',
    'AL2023',
    `${EKS}/amazon-linux-2023/arm64/nvidia/recommended/image_id`,
    `${EKS}/amazon-linux-2023/arm64/nvidia/recommended/release_version`,
  ],
  [
    'AL2023_x86_64_NEURON',
    'AL2023',
    `${EKS}/amazon-linux-2023/x86_64/neuron/recommended/image_id`,
    `${EKS}/amazon-linux-2023/x86_64/neuron/recommended/release_version`,
  ],
  [
    'BOTTLEROCKET_x86_64',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}/x86_64/latest/image_id`,
    `${BOTTLEROCKET}/x86_64/latest/image_version`,
  ],
  [
    'BOTTLEROCKET_ARM_64',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}/arm64/latest/image_id`,
    `${BOTTLEROCKET}/arm64/latest/image_version`,
  ],
  [
    'BOTTLEROCKET_x86_64_FIPS',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}-fips/x86_64/latest/image_id`,
    `${BOTTLEROCKET}-fips/x86_64/latest/image_version`,
  ],
  [
    'BOTTLEROCKET_ARM_64_FIPS',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}-fips/arm64/latest/image_id`,
    `${BOTTLEROCKET}-fips/arm64/latest/image_version`,
  ],
  [
    'BOTTLEROCKET_x86_64_NVIDIA',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}-nvidia/x86_64/latest/image_id`,
    `${BOTTLEROCKET}-nvidia/x86_64/latest/image_version`,
  ],
  [
    'BOTTLEROCKET_ARM_64_NVIDIA',
    'BOTTLEROCKET',
    `${BOTTLEROCKET}-nvidia/arm64/latest/image_id`,
    `${BOTTLEROCKET}-nvidia/arm64/latest/image_version`,
  ],
  ['BOTTLEROCKET_x86_64_NVIDIA_FIPS', 'BOTTLEROCKET', undefined, undefined],
  ['BOTTLEROCKET_ARM_64_NVIDIA_FIPS', 'BOTTLEROCKET', undefined, undefined],
  [
    'WINDOWS_CORE_2019_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2019-English-Core-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2019-English-Core-EKS_Optimized-1.33`,
  ],
  [
    'WINDOWS_FULL_2019_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2019-English-Full-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2019-English-Full-EKS_Optimized-1.33`,
  ],
  [
    'WINDOWS_CORE_2022_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2022-English-Core-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2022-English-Core-EKS_Optimized-1.33`,
  ],
  [
    'WINDOWS_FULL_2022_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2022-English-Full-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2022-English-Full-EKS_Optimized-1.33`,
  ],
  [
    'WINDOWS_CORE_2025_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2025-English-Core-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2025-English-Core-EKS_Optimized-1.33`,
  ],
  [
    'WINDOWS_FULL_2025_x86_64',
    'WINDOWS',
    `${WINDOWS}/Windows_Server-2025-English-Full-EKS_Optimized-1.33/image_id`,
    `${WINDOWS}/Windows_Server-2025-English-Full-EKS_Optimized-1.33`,
  ],
  ['CUSTOM', undefined, undefined, undefined],
];

describe('AMI types', () => {
  it('are the 23 of the EKS API, and the tables below leave none out', () => {
    assert.equal(AMI_TYPES.length, 23);
    assert.deepEqual([...ROWS.map(([amiType]) => amiType)].sort(), [...AMI_TYPES].sort());
  });

  for (const [amiType, family, imageId, release] of ROWS) {
    const where =
      imageId === undefined ? 'nowhere: its path is not documented, and none is guessed' : 'where AWS publishes it';
    it(`the recommended ${amiType} AMI and its release are looked up ${where}`, () => {
      const expected = imageId && { imageId, release, isReleaseInJson: amiType.startsWith('WINDOWS') };
      assert.deepEqual(amiParameters(amiType, '1.33'), expected);
    });

    it(`${amiType} shares its user data with ${family === undefined ? 'no other type' : `the family ${family}`}`, () => {
      assert.equal(amiFamily(amiType), family);
    });
  }

  it('are looked up for the Kubernetes version that is asked for', () => {
    for (const amiType of AMI_TYPES) {
      const of133 = JSON.stringify(amiParameters(amiType, '1.33'));
      assert.equal(JSON.stringify(amiParameters(amiType, '1.34')), of133?.replaceAll('1.33', '1.34'), amiType);
    }
  });
});

describe('a release version', () => {
  const cases: [amiType: AmiType, release: string, parameter: string | undefined][] = [
    ['AL2_x86_64', '1.33.5-20260101', `${EKS}/amazon-linux-2/amazon-eks-node-1.33-v20260101/image_id`],
    ['AL2_x86_64_GPU', '1.33.5-20260101', `${EKS}/amazon-linux-2-gpu/amazon-eks-gpu-node-1.33-v20260101/image_id`],
    ['AL2_ARM_64', '1.33.5-20260101', `${EKS}/amazon-linux-2-arm64/amazon-eks-arm64-node-1.33-v20260101/image_id`],
    [
      'AL2023_x86_64_STANDARD',
      '1.33.5-20260101',
      `${EKS}/amazon-linux-2023/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-1.33-v20260101/image_id`,
    ],
    [
      'AL2023_ARM_64_STANDARD',
      '1.33.0-20251120',
      `${EKS}/amazon-linux-2023/arm64/standard/amazon-eks-node-al2023-arm64-standard-1.33-v20251120/image_id`,
    ],
    [
      'AL2023_x86_64_NVIDIA',
      '1.33.5-20260101',
      `${EKS}/amazon-linux-2023/x86_64/nvidia/amazon-eks-node-al2023-x86_64-nvidia-1.33-v20260101/image_id`,
    ],
    [
      'AL2023_ARM_64_NVIDIA',
      '1.33.5-20260101',
      `${EKS}/amazon-linux-2023/arm64/nvidia/amazon-eks-node-al2023-arm64-nvidia-1.33-v20260101/image_id`,
    ],
    [
      'AL2023_x86_64_NEURON',
      '1.33.5-20260101',
      `${EKS}/amazon-linux-2023/x86_64/neuron/amazon-eks-node-al2023-x86_64-neuron-1.33-v20260101/image_id`,
    ],
    ['BOTTLEROCKET_x86_64', '1.49.0-abcdef12', `${BOTTLEROCKET}/x86_64/1.49.0-abcdef12/image_id`],
    ['BOTTLEROCKET_ARM_64', '1.49.0', `${BOTTLEROCKET}/arm64/1.49.0/image_id`],
    ['BOTTLEROCKET_x86_64_FIPS', 'v1.49.0', `${BOTTLEROCKET}-fips/x86_64/1.49.0/image_id`],
    ['BOTTLEROCKET_ARM_64_FIPS', '1.49.0', `${BOTTLEROCKET}-fips/arm64/1.49.0/image_id`],
    ['BOTTLEROCKET_x86_64_NVIDIA', '1.49.0', `${BOTTLEROCKET}-nvidia/x86_64/1.49.0/image_id`],
    ['BOTTLEROCKET_ARM_64_NVIDIA', '1.49.0', `${BOTTLEROCKET}-nvidia/arm64/1.49.0/image_id`],
  ];
  for (const [amiType, release, parameter] of cases) {
    it(`${release} of ${amiType} names the AMI of that day`, () =>
      assert.equal(releaseParameter(amiType, '1.33', release), parameter));
  }

  const refused: [title: string, amiType: AmiType, release: string][] = [
    ['of another Kubernetes version is refused, not taken for this one', 'AL2023_x86_64_STANDARD', '1.32.9-20260101'],
    ['whose minor only begins like this one is refused', 'AL2_x86_64', '1.330.1-20260101'],
    ['without a date is refused', 'AL2023_x86_64_STANDARD', '1.33.5'],
    ['that is only a date is refused', 'AL2_x86_64', 'v20260101'],
    ['of Bottlerocket is refused for Amazon Linux', 'AL2023_ARM_64_STANDARD', '1.49.0-abcdef12'],
    ['that moves with time is refused', 'BOTTLEROCKET_x86_64', 'latest'],
    ['with a path in it is refused', 'BOTTLEROCKET_x86_64', '1.49.0/../latest'],
    ['of Windows is refused: AWS publishes only the newest', 'WINDOWS_CORE_2022_x86_64', '1.33-2026.01.13'],
    ['of a Bottlerocket without documented path is refused', 'BOTTLEROCKET_ARM_64_NVIDIA_FIPS', '1.49.0'],
    ['of a custom AMI is refused', 'CUSTOM', '1.33.5-20260101'],
  ];
  for (const [title, amiType, release] of refused) {
    it(title, () => assert.equal(releaseParameter(amiType, '1.33', release), undefined));
  }
});

describe('the name of an AMI tells its type:', () => {
  const cases: [name: string, amiType: AmiType | undefined][] = [
    ['amazon-eks-node-1.30-v20250101', 'AL2_x86_64'],
    ['amazon-eks-gpu-node-1.30-v20250101', 'AL2_x86_64_GPU'],
    ['amazon-eks-arm64-node-1.30-v20250101', 'AL2_ARM_64'],
    ['amazon-eks-node-al2023-x86_64-standard-1.33-v20260101', 'AL2023_x86_64_STANDARD'],
    ['amazon-eks-node-al2023-arm64-standard-1.33-v20260101', 'AL2023_ARM_64_STANDARD'],
    ['amazon-eks-node-al2023-x86_64-nvidia-1.33-v20260101', 'AL2023_x86_64_NVIDIA'],
    ['amazon-eks-node-al2023-arm64-nvidia-1.33-v20260101', 'AL2023_ARM_64_NVIDIA'],
    ['amazon-eks-node-al2023-x86_64-neuron-1.33-v20260101', 'AL2023_x86_64_NEURON'],
    ['bottlerocket-aws-k8s-1.33-x86_64-v1.49.0-abcdef12', 'BOTTLEROCKET_x86_64'],
    ['bottlerocket-aws-k8s-1.33-aarch64-v1.49.0-abcdef12', 'BOTTLEROCKET_ARM_64'],
    ['bottlerocket-aws-k8s-1.33-fips-x86_64-v1.49.0-abcdef12', 'BOTTLEROCKET_x86_64_FIPS'],
    ['bottlerocket-aws-k8s-1.33-fips-aarch64-v1.49.0-abcdef12', 'BOTTLEROCKET_ARM_64_FIPS'],
    ['bottlerocket-aws-k8s-1.33-nvidia-x86_64-v1.49.0-abcdef12', 'BOTTLEROCKET_x86_64_NVIDIA'],
    ['bottlerocket-aws-k8s-1.33-nvidia-aarch64-v1.49.0-abcdef12', 'BOTTLEROCKET_ARM_64_NVIDIA'],
    ['bottlerocket-aws-k8s-1.33-nvidia-fips-x86_64-v1.49.0-abcdef12', 'BOTTLEROCKET_x86_64_NVIDIA_FIPS'],
    ['bottlerocket-aws-k8s-1.33-nvidia-fips-aarch64-v1.49.0-abcdef12', 'BOTTLEROCKET_ARM_64_NVIDIA_FIPS'],
    ['Windows_Server-2019-English-Core-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_CORE_2019_x86_64'],
    ['Windows_Server-2019-English-Full-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_FULL_2019_x86_64'],
    ['Windows_Server-2022-English-Core-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_CORE_2022_x86_64'],
    ['Windows_Server-2022-English-Full-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_FULL_2022_x86_64'],
    ['Windows_Server-2025-English-Core-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_CORE_2025_x86_64'],
    ['Windows_Server-2025-English-Full-EKS_Optimized-1.33-2026.01.13', 'WINDOWS_FULL_2025_x86_64'],
    ['platform-golden-eks-1.33', undefined],
    ['copy of amazon-eks-node-al2023-x86_64-standard-1.33-v20260101', undefined],
    ['Windows_Server-2022-English-Core-Base-2026.01.13', undefined],
    ['bottlerocket-aws-ecs-2-x86_64-v1.49.0-abcdef12', undefined],
  ];
  for (const [name, amiType] of cases) {
    it(`${name} is ${amiType ?? 'of a type that only its owner knows'}`, () =>
      assert.equal(amiTypeOfName(name), amiType));
  }

  it('every type but CUSTOM is recognised', () => {
    const recognised = cases.flatMap(([, amiType]) => amiType ?? []);
    assert.deepEqual([...recognised, 'CUSTOM'].sort(), [...AMI_TYPES].sort());
  });
});
