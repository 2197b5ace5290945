import type { KubernetesObject } from '../objects.ts';
import type { NodeSelectorTerm } from './pod.ts';

export interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec?: {
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
    readonly volumeName?: string;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly phase?: string;
    readonly capacity?: Readonly<Record<string, string>>;
    readonly accessModes?: readonly string[];
  };
}

export interface PersistentVolume extends KubernetesObject {
  readonly spec?: {
    readonly accessModes?: readonly string[];
    readonly capacity?: Readonly<Record<string, string>>;
    readonly claimRef?: {
      readonly namespace?: string | undefined;
      readonly name?: string;
      readonly [field: string]: unknown;
    };
    readonly csi?: { readonly driver?: string; readonly volumeHandle: string; readonly [field: string]: unknown };
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } };
    readonly persistentVolumeReclaimPolicy?: string;
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
    readonly [field: string]: unknown;
  };
  readonly status?: { readonly phase?: string; readonly reason?: string };
}

export interface VolumeAttachment extends KubernetesObject {
  readonly spec?: {
    readonly attacher?: string;
    readonly nodeName: string;
    readonly source?: { readonly persistentVolumeName?: string };
  };
  readonly status?: { readonly attached?: boolean };
}

export interface StorageClass extends KubernetesObject {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
  readonly allowVolumeExpansion?: boolean;
}

export interface CsiNode extends KubernetesObject {
  readonly spec?: { readonly drivers?: readonly unknown[] };
}
