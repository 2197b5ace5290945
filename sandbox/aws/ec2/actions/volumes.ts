import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { type AttachedVolume, volumeShape } from '../responses/volumes.ts';
import { ec2Action } from './dry-run.ts';
import { type FieldsByFilter, filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const allVolumes = ({ instances }: RegionState): AttachedVolume[] =>
  instances
    .all()
    .filter((instance) => instance.state !== 'terminated')
    .flatMap((instance) => instance.volumes.map((volume) => ({ volume, instance })));

const volumeFilters: FieldsByFilter<AttachedVolume> = {
  'volume-id': ({ volume }) => [volume.volumeId],
  'attachment.instance-id': ({ instance }) => [instance.instanceId],
  'attachment.device': ({ volume }) => [volume.deviceName],
  'attachment.status': () => ['attached'],
  'availability-zone': ({ instance }) => [instance.availabilityZone],
  status: () => ['in-use'],
  'volume-type': ({ volume }) => [volume.volumeType],
};

/** Volumes. */
export const volumeActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeVolumes: ec2Action(
    {
      VolumeIds: list(string, 'VolumeId'),
      Filters: filtersShape,
      IncludeManagedResources: boolean,
      ...pagingMembers,
    },
    ({ VolumeIds: ids = [], Filters, ...paging }) => {
      const volumes = allVolumes(state);
      const missing = ids.find((id) => volumes.every(({ volume }) => volume.volumeId !== id));
      if (missing !== undefined) throw awsError('InvalidVolume.NotFound', `The volume '${missing}' does not exist.`);
      const matches = matcherOf<AttachedVolume>(Filters, volumeFilters);
      const found = volumes.filter(
        (attached) => matches(attached) && (ids.length === 0 || ids.includes(attached.volume.volumeId)),
      );
      const page = ec2Page(found, ({ volume }) => volume.volumeId, paging, {
        idsParameter: ids.length > 0 ? 'volumeIds' : undefined,
      });
      return { Volumes: page.items.map(volumeShape), NextToken: page.nextToken };
    },
  ),
});
