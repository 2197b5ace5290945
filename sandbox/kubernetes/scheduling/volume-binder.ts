import type { Random } from '../../world/random.ts';
import type { NodeSelectorTerm, Pod } from '../kinds/pod.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../kinds/storage.ts';
import { claimNamesOf } from '../pod-state.ts';
import type { ObjectStore } from '../store.ts';
import { ZONE_LABEL } from './node-room.ts';
import type { VolumeBinder } from './scheduler.ts';

export const EBS_DRIVER = 'ebs.csi.aws.com';

/** Node affinity of a claim's volume; absent for a volume that every node can reach. */
const termsOfVolume = (volume: PersistentVolume): readonly NodeSelectorTerm[] | undefined =>
  volume.spec?.nodeAffinity?.required?.nodeSelectorTerms;

/** Create the part of scheduling that concerns volumes: an EBS volume lives in one zone, chosen with its first node. */
export function createVolumeBinder({ store, random }: { store: ObjectStore; random: Random }): VolumeBinder {
  const provision = (claim: PersistentVolumeClaim, room: { name: string; zone: string }) => {
    const { namespace, name, uid } = claim.metadata;
    const volumeName = `pvc-${uid}`;
    const capacity = claim.spec?.resources?.requests ?? { storage: '10Gi' };
    store.create('persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volumeName,
        annotations: { 'pv.kubernetes.io/provisioned-by': EBS_DRIVER },
        finalizers: ['kubernetes.io/pv-protection', `external-attacher/${EBS_DRIVER.replaceAll('.', '-')}`],
      },
      spec: {
        accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
        capacity,
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name,
          uid,
          resourceVersion: claim.metadata.resourceVersion,
        },
        csi: { driver: EBS_DRIVER, fsType: 'ext4', volumeHandle: `vol-${random.hex(17)}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE_LABEL, operator: 'In', values: [room.zone] }] }],
          },
        },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: claim.spec?.storageClassName ?? 'gp3',
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Bound' },
    });
    store.change('persistentvolumeclaims', namespace, name, (current) => ({
      ...current,
      metadata: {
        ...current.metadata,
        annotations: {
          ...current.metadata.annotations,
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
          'volume.kubernetes.io/selected-node': room.name,
          'volume.kubernetes.io/storage-provisioner': EBS_DRIVER,
        },
      },
      spec: { ...current.spec, volumeName },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity },
    }));
  };

  const claimsOf = (pod: Pod) =>
    claimNamesOf(pod).map((name) => [name, store.get('persistentvolumeclaims', pod.metadata.namespace, name)] as const);

  return {
    termsOf(pod) {
      const terms: (readonly NodeSelectorTerm[])[] = [];
      for (const [name, claim] of claimsOf(pod)) {
        if (claim === undefined) return `persistentvolumeclaim "${name}" not found`;
        const volumeName = claim.spec?.volumeName;
        if (volumeName === undefined) continue;
        const volume = store.get('persistentvolumes', undefined, volumeName);
        if (volume === undefined) return `persistentvolume "${volumeName}" not found`;
        const reach = termsOfVolume(volume);
        if (reach !== undefined) terms.push(reach);
      }
      return terms;
    },
    bindClaims(pod, room) {
      for (const [, claim] of claimsOf(pod))
        if (claim !== undefined && claim.spec?.volumeName === undefined) provision(claim, room);
    },
  };
}
