/*
 * Words of this folder:
 *
 * AMI type     how EKS names a kind of AMI: operating system, architecture and accelerator
 * family       AL2, AL2023, BOTTLEROCKET or WINDOWS: their user data differ, so a template cannot switch between them
 * release      one published AMI of a type, with its release version such as 1.33.5-20260101
 * recommended  (a release) that AWS names as the newest for a Kubernetes version, in an SSM parameter
 */

/** AMI types of the EKS API. @see https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html */
export const AMI_TYPES = [
  'AL2_x86_64',
  'AL2_x86_64_GPU',
  'AL2_ARM_64',
  'CUSTOM',
  'BOTTLEROCKET_ARM_64',
  'BOTTLEROCKET_x86_64',
  'BOTTLEROCKET_ARM_64_FIPS',
  'BOTTLEROCKET_x86_64_FIPS',
  'BOTTLEROCKET_ARM_64_NVIDIA',
  'BOTTLEROCKET_x86_64_NVIDIA',
  'BOTTLEROCKET_ARM_64_NVIDIA_FIPS',
  'BOTTLEROCKET_x86_64_NVIDIA_FIPS',
  'WINDOWS_CORE_2019_x86_64',
  'WINDOWS_FULL_2019_x86_64',
  'WINDOWS_CORE_2022_x86_64',
  'WINDOWS_FULL_2022_x86_64',
  'WINDOWS_CORE_2025_x86_64',
  'WINDOWS_FULL_2025_x86_64',
  'AL2023_x86_64_STANDARD',
  'AL2023_ARM_64_STANDARD',
  'AL2023_x86_64_NEURON',
  'AL2023_x86_64_NVIDIA',
  'AL2023_ARM_64_NVIDIA',
] as const;
export type AmiType = (typeof AMI_TYPES)[number];

/** Where the recommended AMI of a type is published. */
export interface AmiParameters {
  /** SSM parameter whose value is the AMI id. */
  readonly imageId: string;
  /** SSM parameter whose value is the release version; for Windows a JSON document that contains it. */
  readonly release: string;
  readonly isReleaseInJson: boolean;
}

const AL2: Partial<Record<AmiType, string>> = {
  AL2_x86_64: 'amazon-linux-2',
  AL2_x86_64_GPU: 'amazon-linux-2-gpu',
  AL2_ARM_64: 'amazon-linux-2-arm64',
};

const AL2023: Partial<Record<AmiType, string>> = {
  AL2023_x86_64_STANDARD: 'x86_64/standard',
  AL2023_ARM_64_STANDARD: 'arm64/standard',
  AL2023_x86_64_NEURON: 'x86_64/neuron',
  AL2023_x86_64_NVIDIA: 'x86_64/nvidia',
  AL2023_ARM_64_NVIDIA: 'arm64/nvidia',
};

const BOTTLEROCKET: Partial<Record<AmiType, { variant: string; architecture: string }>> = {
  BOTTLEROCKET_x86_64: { variant: '', architecture: 'x86_64' },
  BOTTLEROCKET_ARM_64: { variant: '', architecture: 'arm64' },
  BOTTLEROCKET_x86_64_FIPS: { variant: '-fips', architecture: 'x86_64' },
  BOTTLEROCKET_ARM_64_FIPS: { variant: '-fips', architecture: 'arm64' },
  BOTTLEROCKET_x86_64_NVIDIA: { variant: '-nvidia', architecture: 'x86_64' },
  BOTTLEROCKET_ARM_64_NVIDIA: { variant: '-nvidia', architecture: 'arm64' },
};

const WINDOWS = /^WINDOWS_(CORE|FULL)_(\d{4})_x86_64$/;

/**
 * Name the SSM parameters of the recommended AMI for an AMI type and Kubernetes version.
 *
 * @param kubernetesVersion minor version, e.g. `1.33`
 * @returns `undefined` for CUSTOM and for the NVIDIA FIPS variants of Bottlerocket, whose path AWS does not document
 * @see https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
 * @see https://docs.aws.amazon.com/eks/latest/userguide/retrieve-windows-ami-id.html
 */
export function amiParameters(amiType: AmiType, kubernetesVersion: string): AmiParameters | undefined {
  const inFolder = (folder: string, release: string): AmiParameters => ({
    imageId: `${folder}/image_id`,
    release: `${folder}/${release}`,
    isReleaseInJson: false,
  });
  const al2 = AL2[amiType];
  if (al2 !== undefined) {
    return inFolder(`/aws/service/eks/optimized-ami/${kubernetesVersion}/${al2}/recommended`, 'release_version');
  }
  const al2023 = AL2023[amiType];
  if (al2023 !== undefined) {
    return inFolder(
      `/aws/service/eks/optimized-ami/${kubernetesVersion}/amazon-linux-2023/${al2023}/recommended`,
      'release_version',
    );
  }
  const bottlerocket = BOTTLEROCKET[amiType];
  if (bottlerocket !== undefined) {
    const { variant, architecture } = bottlerocket;
    return inFolder(
      `/aws/service/bottlerocket/aws-k8s-${kubernetesVersion}${variant}/${architecture}/latest`,
      'image_version',
    );
  }
  const windows = WINDOWS.exec(amiType);
  if (windows === null) return undefined;
  const edition = windows[1] === 'CORE' ? 'Core' : 'Full';
  const document = `/aws/service/ami-windows-latest/Windows_Server-${windows[2]}-English-${edition}-EKS_Optimized-${kubernetesVersion}`;
  return { imageId: `${document}/image_id`, release: document, isReleaseInJson: true };
}

/**
 * Name the SSM parameter of one release of an AMI type, by its release version.
 *
 * @param releaseVersion `1.33.5-20260101` for Amazon Linux, `1.49.0-abcdef12` or `1.49.0` for Bottlerocket
 * @returns `undefined` where releases are not published one by one, or the version is not of that form or Kubernetes version
 */
export function releaseParameter(
  amiType: AmiType,
  kubernetesVersion: string,
  releaseVersion: string,
): string | undefined {
  const [, minor, dated] = /^(\d+\.\d+)\.\d+-(\d{8})$/.exec(releaseVersion) ?? [];
  // A release of another minor version would quietly become this one's of the same day.
  const date = minor === kubernetesVersion ? dated : undefined;
  const base = `/aws/service/eks/optimized-ami/${kubernetesVersion}`;
  const al2 = AL2[amiType];
  if (al2 !== undefined && date !== undefined) {
    const variant = al2.replace('amazon-linux-2', '');
    return `${base}/${al2}/amazon-eks${variant}-node-${kubernetesVersion}-v${date}/image_id`;
  }
  const al2023 = AL2023[amiType];
  if (al2023 !== undefined && date !== undefined) {
    const name = `amazon-eks-node-al2023-${al2023.replace('/', '-')}-${kubernetesVersion}-v${date}`;
    return `${base}/amazon-linux-2023/${al2023}/${name}/image_id`;
  }
  const bottlerocket = BOTTLEROCKET[amiType];
  const version = /^v?(\d+\.\d+\.\d+(-[0-9a-f]{8})?)$/.exec(releaseVersion)?.[1];
  if (bottlerocket === undefined || version === undefined) return undefined;
  return `/aws/service/bottlerocket/aws-k8s-${kubernetesVersion}${bottlerocket.variant}/${bottlerocket.architecture}/${version}/image_id`;
}

const SIGNS: readonly [pattern: RegExp, amiType: AmiType][] = [
  [/^amazon-eks-node-al2023-x86_64-standard-/, 'AL2023_x86_64_STANDARD'],
  [/^amazon-eks-node-al2023-arm64-standard-/, 'AL2023_ARM_64_STANDARD'],
  [/^amazon-eks-node-al2023-x86_64-nvidia-/, 'AL2023_x86_64_NVIDIA'],
  [/^amazon-eks-node-al2023-arm64-nvidia-/, 'AL2023_ARM_64_NVIDIA'],
  [/^amazon-eks-node-al2023-x86_64-neuron-/, 'AL2023_x86_64_NEURON'],
  [/^amazon-eks-gpu-node-/, 'AL2_x86_64_GPU'],
  [/^amazon-eks-arm64-node-/, 'AL2_ARM_64'],
  [/^amazon-eks-node-\d/, 'AL2_x86_64'],
  [/^bottlerocket-aws-k8s-[\d.]+-nvidia-fips-x86_64-/, 'BOTTLEROCKET_x86_64_NVIDIA_FIPS'],
  [/^bottlerocket-aws-k8s-[\d.]+-nvidia-fips-aarch64-/, 'BOTTLEROCKET_ARM_64_NVIDIA_FIPS'],
  [/^bottlerocket-aws-k8s-[\d.]+-nvidia-x86_64-/, 'BOTTLEROCKET_x86_64_NVIDIA'],
  [/^bottlerocket-aws-k8s-[\d.]+-nvidia-aarch64-/, 'BOTTLEROCKET_ARM_64_NVIDIA'],
  [/^bottlerocket-aws-k8s-[\d.]+-fips-x86_64-/, 'BOTTLEROCKET_x86_64_FIPS'],
  [/^bottlerocket-aws-k8s-[\d.]+-fips-aarch64-/, 'BOTTLEROCKET_ARM_64_FIPS'],
  [/^bottlerocket-aws-k8s-[\d.]+-x86_64-/, 'BOTTLEROCKET_x86_64'],
  [/^bottlerocket-aws-k8s-[\d.]+-aarch64-/, 'BOTTLEROCKET_ARM_64'],
];

/** Derive the AMI type from the name of an AMI; `undefined` for names that AWS did not give. */
export function amiTypeOfName(imageName: string): AmiType | undefined {
  const windows = /^Windows_Server-(2019|2022|2025)-English-(Core|Full)-EKS_Optimized-/.exec(imageName);
  if (windows !== null) return `WINDOWS_${windows[2]?.toUpperCase()}_${windows[1]}_x86_64` as AmiType;
  return SIGNS.find(([pattern]) => pattern.test(imageName))?.[1];
}

/**
 * Name the family of an AMI type: AMIs of different families need different user data, so one template cannot switch.
 *
 * @returns `AL2`, `AL2023`, `BOTTLEROCKET`, `WINDOWS`, or `undefined` for CUSTOM
 */
export function amiFamily(amiType: AmiType): string | undefined {
  return amiType === 'CUSTOM' ? undefined : amiType.split('_')[0];
}
