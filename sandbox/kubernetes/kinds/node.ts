import type { Condition } from '../conditions.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Taint } from '../taints.ts';

export interface NodeStatus {
  readonly conditions?: readonly Condition[];
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly nodeInfo?: Readonly<Record<string, string>>;
  readonly volumesAttached?: readonly { readonly name: string; readonly devicePath: string }[];
  readonly volumesInUse?: readonly string[];
  readonly [field: string]: unknown;
}

export interface Node extends KubernetesObject {
  readonly spec?: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
    readonly [field: string]: unknown;
  };
  readonly status?: NodeStatus;
}
