import type { Image } from '../../../world/scenario.ts';
import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { IMAGE_OWNER_ALIAS, isBottlerocketImage, isWindowsImage, rootDeviceOf } from '../state/images.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const imageFilters = {
  'image-id': ({ id }: Image) => [id],
  name: ({ name }: Image) => [name],
  architecture: ({ architecture }: Image) => [architecture],
  state: ({ state }: Image) => [state],
  'owner-alias': () => [IMAGE_OWNER_ALIAS],
  'is-public': () => ['true'],
  'root-device-type': () => ['ebs'],
  'virtualization-type': () => ['hvm'],
  'creation-date': ({ createdAt }: Image) => [createdAt],
  platform: (image: Image) => [isWindowsImage(image) ? 'windows' : undefined],
};

const snapshotOf = ({ id }: Image) => `snap-${id.slice('ami-'.length).padStart(17, '0')}`;

/** DescribeImages. */
export const imageActions = ({ images, scenario, clock }: RegionState): Readonly<Record<string, Action>> => {
  const isOwnedBy = (owner: string) => owner === IMAGE_OWNER_ALIAS || owner === scenario.accountId || owner === 'self';

  const imageShape = (image: Image) => ({
    ImageId: image.id,
    ImageLocation: `${IMAGE_OWNER_ALIAS}/${image.name}`,
    State: image.state,
    OwnerId: scenario.accountId,
    ImageOwnerAlias: IMAGE_OWNER_ALIAS,
    CreationDate: image.createdAt,
    DeprecationTime: image.deprecatedAt,
    Public: true,
    Architecture: image.architecture,
    ImageType: 'machine',
    Platform: isWindowsImage(image) ? 'Windows' : undefined,
    PlatformDetails: isWindowsImage(image) ? 'Windows' : 'Linux/UNIX',
    UsageOperation: isWindowsImage(image) ? 'RunInstances:0002' : 'RunInstances',
    Name: image.name,
    Description: `EKS-optimized Kubernetes node (k8s: ${image.kubernetesVersion}, ${image.amiType})`,
    ImageAllowed: true,
    EnaSupport: true,
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    RootDeviceName: rootDeviceOf(image),
    BlockDeviceMappings: [rootDeviceOf(image), ...(isBottlerocketImage(image) ? ['/dev/xvdb'] : [])].map((device) => ({
      DeviceName: device,
      Ebs: {
        DeleteOnTermination: true,
        Encrypted: false,
        SnapshotId: snapshotOf(image),
        VolumeSize: 20,
        VolumeType: 'gp3',
      },
    })),
  });

  const getImages = (ids: readonly string[]): Image[] => {
    const malformed = ids.find((id) => !/^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id));
    if (malformed !== undefined) throw awsError('InvalidAMIID.Malformed', `Invalid id: "${malformed}"`);
    // A deregistered AMI is not found any more.
    const missing = ids.filter((id) => (images.get(id)?.state ?? 'deregistered') === 'deregistered');
    if (missing.length > 0)
      throw awsError(
        'InvalidAMIID.NotFound',
        missing.length === 1
          ? `The image id '[${missing[0]}]' does not exist`
          : `The image ids '[${missing.join(', ')}]' do not exist`,
      );
    return [...new Set(ids)].map((id) => images.get(id) as Image);
  };

  const isListed = (image: Image, includesDeprecated: boolean, includesDisabled: boolean) =>
    image.state !== 'deregistered' &&
    (includesDisabled || image.state !== 'disabled') &&
    (includesDeprecated || image.deprecatedAt === undefined || Date.parse(image.deprecatedAt) > clock.now());

  return {
    DescribeImages: ec2Action(
      {
        ImageIds: list(string, 'ImageId'),
        Owners: list(string, 'Owner'),
        ExecutableUsers: list(string, 'ExecutableBy'),
        Filters: filtersShape,
        IncludeDeprecated: boolean,
        IncludeDisabled: boolean,
        ...pagingMembers,
      },
      ({ ImageIds: ids = [], Owners = [], Filters, IncludeDeprecated = false, IncludeDisabled = false, ...paging }) => {
        const matches = matcherOf<Image>(Filters, imageFilters);
        const found = (
          ids.length > 0
            ? getImages(ids)
            : [...images.values()].filter((image) => isListed(image, IncludeDeprecated, IncludeDisabled))
        ).filter((image) => matches(image) && (Owners.length === 0 || Owners.some(isOwnedBy)));
        const page = ec2Page(found, ({ id }) => id, paging, {
          idsParameter: ids.length > 0 ? 'imageIdsSet' : undefined,
          least: 1,
        });
        return { Images: page.items.map(imageShape), NextToken: page.nextToken };
      },
    ),
  };
};
