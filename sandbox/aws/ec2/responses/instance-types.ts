import type { InstanceType } from '../state/instance-types.ts';

/** An instance type as DescribeInstanceTypes shows it. */
export const instanceTypeShape = (type: InstanceType) => ({
  InstanceType: type.name,
  CurrentGeneration: type.isCurrentGeneration,
  FreeTierEligible: false,
  SupportedUsageClasses: ['on-demand', 'spot'],
  SupportedRootDeviceTypes: ['ebs'],
  SupportedVirtualizationTypes: ['hvm'],
  BareMetal: type.name.endsWith('.metal'),
  Hypervisor: 'nitro',
  ProcessorInfo: {
    SupportedArchitectures: [type.architecture],
    Manufacturer: type.architecture === 'arm64' ? 'AWS' : 'Intel',
  },
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMiB },
  BurstablePerformanceSupported: type.isBurstable,
});
