import type { KubernetesObject } from '../objects.ts';

interface ServicePort {
  readonly port: number;
  readonly nodePort?: number;
  readonly protocol?: string;
  readonly [field: string]: unknown;
}

export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly externalIPs?: readonly string[];
    readonly ports?: readonly ServicePort[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}
