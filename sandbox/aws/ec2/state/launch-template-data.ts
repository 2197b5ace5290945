import {
  boolean,
  choice,
  double,
  type InputOf,
  integer,
  list,
  required,
  string,
  structure,
  timestamp,
} from '../../input-shapes.ts';

const range = (of: typeof integer) => structure({ Min: of, Max: of });
const requiredRange = structure({ Min: required(integer), Max: integer });
const tag = structure({ Key: string, Value: string });

/** Tags of what is launched or created, by resource type. */
export const tagSpecifications = list(structure({ ResourceType: string, Tags: list(tag, 'Tag') }), 'TagSpecification');

const blockDeviceMapping = structure({
  DeviceName: string,
  VirtualName: string,
  Ebs: structure({
    Encrypted: boolean,
    DeleteOnTermination: boolean,
    Iops: integer,
    KmsKeyId: string,
    SnapshotId: string,
    VolumeSize: integer,
    VolumeType: choice('standard', 'io1', 'io2', 'gp2', 'sc1', 'st1', 'gp3'),
    Throughput: integer,
    VolumeInitializationRate: integer,
    EbsCardIndex: integer,
  }),
  NoDevice: string,
});

const networkInterface = structure({
  AssociateCarrierIpAddress: boolean,
  AssociatePublicIpAddress: boolean,
  DeleteOnTermination: boolean,
  Description: string,
  DeviceIndex: integer,
  Groups: list(string, 'SecurityGroupId'),
  InterfaceType: string,
  Ipv6AddressCount: integer,
  Ipv6Addresses: list(structure({ Ipv6Address: string })),
  NetworkInterfaceId: string,
  PrivateIpAddress: string,
  PrivateIpAddresses: list(structure({ Primary: boolean, PrivateIpAddress: string })),
  SecondaryPrivateIpAddressCount: integer,
  SubnetId: string,
  NetworkCardIndex: integer,
  Ipv4Prefixes: list(structure({ Ipv4Prefix: string }), 'Ipv4Prefix'),
  Ipv4PrefixCount: integer,
  Ipv6Prefixes: list(structure({ Ipv6Prefix: string }), 'Ipv6Prefix'),
  Ipv6PrefixCount: integer,
  PrimaryIpv6: boolean,
  EnaSrdSpecification: structure({
    EnaSrdEnabled: boolean,
    EnaSrdUdpSpecification: structure({ EnaSrdUdpEnabled: boolean }),
  }),
  ConnectionTrackingSpecification: structure({
    TcpEstablishedTimeout: integer,
    UdpStreamTimeout: integer,
    UdpTimeout: integer,
  }),
  EnaQueueCount: integer,
});

const instanceRequirements = structure({
  VCpuCount: required(requiredRange),
  MemoryMiB: required(requiredRange),
  CpuManufacturers: list(string, 'CpuManufacturer'),
  MemoryGiBPerVCpu: range(double),
  ExcludedInstanceTypes: list(string, 'ExcludedInstanceType'),
  InstanceGenerations: list(string, 'InstanceGeneration'),
  SpotMaxPricePercentageOverLowestPrice: integer,
  OnDemandMaxPricePercentageOverLowestPrice: integer,
  BareMetal: string,
  BurstablePerformance: string,
  RequireHibernateSupport: boolean,
  NetworkInterfaceCount: range(integer),
  LocalStorage: string,
  LocalStorageTypes: list(string, 'LocalStorageType'),
  TotalLocalStorageGB: range(double),
  BaselineEbsBandwidthMbps: range(integer),
  AcceleratorTypes: list(string, 'AcceleratorType'),
  AcceleratorCount: range(integer),
  AcceleratorManufacturers: list(string, 'AcceleratorManufacturer'),
  AcceleratorNames: list(string, 'AcceleratorName'),
  AcceleratorTotalMemoryMiB: range(integer),
  NetworkBandwidthGbps: range(double),
  AllowedInstanceTypes: list(string, 'AllowedInstanceType'),
  MaxSpotPriceAsPercentageOfOptimalOnDemandPrice: integer,
  BaselinePerformanceFactors: structure({
    Cpu: structure({ References: list(structure({ InstanceFamily: string }), 'Reference') }),
  }),
  RequireEncryptionInTransit: boolean,
});

/** Members of RequestLaunchTemplateData. */
export const launchTemplateDataMembers = {
  KernelId: string,
  EbsOptimized: boolean,
  IamInstanceProfile: structure({ Arn: string, Name: string }),
  BlockDeviceMappings: list(blockDeviceMapping, 'BlockDeviceMapping'),
  NetworkInterfaces: list(networkInterface, 'NetworkInterface'),
  ImageId: string,
  InstanceType: string,
  KeyName: string,
  Monitoring: structure({ Enabled: boolean }),
  Placement: structure({
    AvailabilityZone: string,
    AvailabilityZoneId: string,
    Affinity: string,
    GroupName: string,
    HostId: string,
    Tenancy: string,
    SpreadDomain: string,
    HostResourceGroupArn: string,
    PartitionNumber: integer,
    GroupId: string,
  }),
  RamDiskId: string,
  DisableApiTermination: boolean,
  InstanceInitiatedShutdownBehavior: string,
  UserData: string,
  TagSpecifications: tagSpecifications,
  ElasticGpuSpecifications: list(structure({ Type: required(string) }), 'ElasticGpuSpecification'),
  ElasticInferenceAccelerators: list(
    structure({ Type: required(string), Count: integer }),
    'ElasticInferenceAccelerator',
  ),
  SecurityGroupIds: list(string, 'SecurityGroupId'),
  SecurityGroups: list(string, 'SecurityGroup'),
  InstanceMarketOptions: structure({
    MarketType: string,
    SpotOptions: structure({
      MaxPrice: string,
      SpotInstanceType: string,
      BlockDurationMinutes: integer,
      ValidUntil: timestamp,
      InstanceInterruptionBehavior: string,
    }),
  }),
  CreditSpecification: structure({ CpuCredits: required(string) }),
  CpuOptions: structure({
    CoreCount: integer,
    ThreadsPerCore: integer,
    AmdSevSnp: string,
    NestedVirtualization: string,
  }),
  CapacityReservationSpecification: structure({
    CapacityReservationPreference: string,
    CapacityReservationTarget: structure({
      CapacityReservationId: string,
      CapacityReservationResourceGroupArn: string,
    }),
  }),
  LicenseSpecifications: list(structure({ LicenseConfigurationArn: string }), 'LicenseSpecification'),
  HibernationOptions: structure({ Configured: boolean }),
  MetadataOptions: structure({
    HttpTokens: string,
    HttpPutResponseHopLimit: integer,
    HttpEndpoint: string,
    HttpProtocolIpv6: string,
    InstanceMetadataTags: string,
  }),
  EnclaveOptions: structure({ Enabled: boolean }),
  InstanceRequirements: instanceRequirements,
  PrivateDnsNameOptions: structure({
    HostnameType: string,
    EnableResourceNameDnsARecord: boolean,
    EnableResourceNameDnsAAAARecord: boolean,
  }),
  MaintenanceOptions: structure({ AutoRecovery: string }),
  DisableApiStop: boolean,
  Operator: structure({ Principal: string }),
  NetworkPerformanceOptions: structure({ BandwidthWeighting: string }),
  SecondaryInterfaces: list(
    structure({
      DeleteOnTermination: boolean,
      DeviceIndex: integer,
      PrivateIpAddresses: list(structure({ PrivateIpAddress: string }), 'PrivateIpAddress'),
      PrivateIpAddressCount: integer,
      SecondarySubnetId: string,
      InterfaceType: string,
      NetworkCardIndex: integer,
    }),
    'SecondaryInterface',
  ),
};

/** What a launch template version holds. */
export type LaunchTemplateData = InputOf<typeof launchTemplateDataMembers>;
