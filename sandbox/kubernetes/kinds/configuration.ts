import type { KubernetesObject } from '../objects.ts';

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface Secret extends KubernetesObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ServiceAccount extends KubernetesObject {
  readonly secrets?: readonly unknown[];
}
