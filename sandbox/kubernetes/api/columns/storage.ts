import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment } from '../../kinds/storage.ts';
import { AGE, type Column, flag, NAME, text, wide } from './column.ts';

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

const accessModesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim) =>
  (spec?.accessModes ?? []).map((mode) => ACCESS_MODES[mode] ?? mode).join(',');

const statusOf = ({ status, metadata }: PersistentVolume | PersistentVolumeClaim) =>
  metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');

export const VOLUME_ATTACHMENT_COLUMNS: readonly Column<VolumeAttachment>[] = [
  NAME,
  text('Attacher', ({ spec }) => spec?.attacher ?? ''),
  text('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
  text('Node', ({ spec }) => spec?.nodeName ?? ''),
  flag('Attached', ({ status }) => status?.attached === true),
  AGE,
];

export const VOLUME_COLUMNS: readonly Column<PersistentVolume>[] = [
  NAME,
  text('Capacity', ({ spec }) => spec?.capacity?.storage ?? ''),
  text('Access Modes', accessModesOf),
  text('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
  text('Status', statusOf),
  text('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
  text('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
  text('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
  text('Reason', ({ status }) => status?.reason ?? ''),
  AGE,
  wide(text('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')),
];

export const CLAIM_COLUMNS: readonly Column<PersistentVolumeClaim>[] = [
  NAME,
  text('Status', statusOf),
  text('Volume', ({ spec }) => spec?.volumeName ?? ''),
  text('Capacity', ({ status }) => status?.capacity?.storage ?? ''),
  text('Access Modes', (claim) => (claim.spec?.volumeName ? accessModesOf(claim) : '')),
  text('StorageClass', ({ spec }) => spec?.storageClassName ?? ''),
  text('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
  AGE,
  wide(text('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')),
];

export const STORAGE_CLASS_COLUMNS: readonly Column<StorageClass>[] = [
  {
    ...NAME,
    cell: ({ metadata }) =>
      metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
        ? `${metadata.name} (default)`
        : metadata.name,
  },
  text('Provisioner', ({ provisioner }) => provisioner ?? ''),
  text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  flag('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion === true),
  AGE,
];
