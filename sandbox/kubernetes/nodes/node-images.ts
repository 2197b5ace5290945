import type { Random } from '../../world/random.ts';

/** One image on a node's disk, as kubelet reports it. */
export interface NodeImage {
  readonly names: readonly string[];
  readonly sizeBytes: number;
}

/** As many as kubelet reports at most (`nodeStatusMaxImages`). */
export const MOST_IMAGES = 50;

const MEBIBYTE = 2 ** 20;

/** What EKS itself runs on a node; the rest are the owner's. */
const SYSTEM_IMAGES = [
  'amazon-k8s-cni',
  'amazon-k8s-cni-init',
  'amazon/aws-network-policy-agent',
  'kube-proxy',
  'coredns',
  'aws-ebs-csi-driver',
  'csi-node-driver-registrar',
  'livenessprobe',
  'eks-pod-identity-agent',
  'pause',
];

/**
 * Make the images that lie on the nodes of a cluster, largest first: each under its digest and its tag. 50 of them are 12 KB of JSON.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (nodeStatusMaxImages)
 */
export function nodeImages(count: number, region: string, random: Random): readonly NodeImage[] {
  const images = Array.from({ length: count }, (_, index): NodeImage => {
    const system = SYSTEM_IMAGES[index];
    const repository =
      system === undefined
        ? `111122223333.dkr.ecr.${region}.amazonaws.com/platform/service-${random.suffix(5)}`
        : `602401143452.dkr.ecr.${region}.amazonaws.com/eks/${system}`;
    const tag = `v1.${random.integer(30)}.${random.integer(10)}-build.${random.integer(9) + 1}`;
    const sizeBytes = 20 * MEBIBYTE + random.integer(400 * MEBIBYTE);
    return { names: [`${repository}@sha256:${random.hex(64)}`, `${repository}:${tag}`], sizeBytes };
  });
  return images.sort((left, right) => right.sizeBytes - left.sizeBytes);
}
