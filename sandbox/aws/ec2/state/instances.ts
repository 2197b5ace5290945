import type { SandboxClock } from '../../../world/clock.ts';
import type { Random } from '../../../world/random.ts';
import type { Image } from '../../../world/scenario.ts';
import { rootDeviceOf } from './images.ts';
import type { InstanceType } from './instance-types.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';
import type { Network } from './network.ts';

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated';

/** The number that EC2 gives each state. */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
};

/** An EBS volume that was created with its instance, and goes with it. */
export interface Volume {
  readonly volumeId: string;
  readonly deviceName: string;
  readonly sizeGib: number;
  readonly volumeType: string;
  readonly isEncrypted: boolean;
}

export interface Instance {
  readonly instanceId: string;
  readonly reservationId: string;
  readonly image: Image;
  readonly instanceType: InstanceType;
  readonly availabilityZone: string;
  readonly privateIpAddress: string;
  readonly privateDnsName: string;
  readonly launchedAt: number;
  readonly volumes: readonly Volume[];
  readonly data: LaunchTemplateData;
  readonly tags: Record<string, string>;
  state: InstanceState;
  /** Milliseconds since the epoch; terminated instances stay visible for a while. */
  terminatedAt?: number;
  /** Why it ended, as EC2 gives it. */
  stateReason?: { readonly code: string; readonly message: string };
}

/** What an instance is launched with. */
export interface LaunchRequest {
  readonly image: Image;
  readonly instanceType: InstanceType;
  readonly availabilityZone: string;
  readonly data: LaunchTemplateData;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchedAt: number;
  readonly state: InstanceState;
}

/** The instances of a region, whoever launched them. */
export interface Instances {
  /** Launched ones, and terminated ones for an hour. */
  all(): Instance[];
  find(instanceId: string): Instance | undefined;
  /** @returns undefined when the subnet has no free address */
  launch(request: LaunchRequest): Instance | undefined;
  /** Begin to shut down; it is gone `terminatingSeconds` later. Does nothing to one that is already on its way. */
  shutDown(instance: Instance, reason: { code: string; message: string }): void;
}

/** Called as an instance ends. */
export interface InstanceWatcher {
  onStopping(instance: Instance): void;
  onTerminated(instance: Instance): void;
}

const SHOWN_AFTER_TERMINATION_MS = 3_600_000;

/** Create the instances of a region. */
export function createInstances({
  clock,
  random,
  network,
  region,
  terminatingSeconds,
  watcher,
}: {
  clock: SandboxClock;
  random: Random;
  network: Network;
  region: string;
  terminatingSeconds: number;
  watcher: InstanceWatcher;
}): Instances {
  const instances = new Map<string, Instance>();
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;

  const freshInstanceId = (): string => {
    const instanceId = `i-0${random.hex(16)}`;
    return instances.has(instanceId) ? freshInstanceId() : instanceId;
  };

  const volumesOf = (data: LaunchTemplateData, rootDevice: string): Volume[] => {
    const mapped = data.BlockDeviceMappings ?? [];
    const withRoot = mapped.some(({ DeviceName }) => DeviceName === rootDevice)
      ? mapped
      : [{ DeviceName: rootDevice, Ebs: {} }, ...mapped];
    return withRoot
      .filter(({ Ebs }) => Ebs !== undefined)
      .map(({ DeviceName, Ebs }) => ({
        volumeId: `vol-0${random.hex(16)}`,
        deviceName: DeviceName ?? rootDevice,
        sizeGib: Ebs?.VolumeSize ?? 20,
        volumeType: Ebs?.VolumeType ?? 'gp3',
        isEncrypted: Ebs?.Encrypted ?? false,
      }));
  };

  const forgetOld = () => {
    for (const { instanceId, terminatedAt } of instances.values()) {
      if (terminatedAt !== undefined && terminatedAt + SHOWN_AFTER_TERMINATION_MS < clock.now())
        instances.delete(instanceId);
    }
  };

  return {
    all() {
      forgetOld();
      return [...instances.values()];
    },
    find: (instanceId) => instances.get(instanceId),
    launch({ image, instanceType, availabilityZone, data, tags, launchedAt, state }) {
      const privateIpAddress = network.takeAddress(availabilityZone);
      if (privateIpAddress === undefined) return undefined;
      const instance: Instance = {
        instanceId: freshInstanceId(),
        reservationId: `r-0${random.hex(16)}`,
        image,
        instanceType,
        availabilityZone,
        privateIpAddress,
        privateDnsName: `ip-${privateIpAddress.replaceAll('.', '-')}.${domain}`,
        launchedAt,
        volumes: volumesOf(data, rootDeviceOf(image)),
        data,
        tags: { ...tags },
        state,
      };
      instances.set(instance.instanceId, instance);
      return instance;
    },
    shutDown(instance, reason) {
      if (instance.state === 'shutting-down' || instance.state === 'terminated') return;
      instance.state = 'shutting-down';
      instance.stateReason = reason;
      watcher.onStopping(instance);
      clock.after(terminatingSeconds, () => {
        instance.state = 'terminated';
        instance.terminatedAt = clock.now();
        network.releaseAddress(instance.privateIpAddress);
        watcher.onTerminated(instance);
      });
    },
  };
}
