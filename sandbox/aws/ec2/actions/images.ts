import type { Image } from '../../../world/scenario.ts';
import { awsError } from '../../aws-error.ts';
import { boolean, list, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { imageShape } from '../responses/images.ts';
import { IMAGE_OWNER_ALIAS, isWindowsImage } from '../state/images.ts';
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

/** @throws InvalidAMIID.Malformed, InvalidAMIID.NotFound */
function getImages({ images }: RegionState, ids: readonly string[]): Image[] {
  const malformed = ids.find((id) => !/^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id));
  if (malformed !== undefined) throw awsError('InvalidAMIID.Malformed', `Invalid id: "${malformed}"`);
  const found = [...new Set(ids)].flatMap((id) => images.get(id) ?? []);
  // A deregistered AMI is not found any more.
  const present = new Set(found.filter(({ state }) => state !== 'deregistered').map(({ id }) => id));
  const missing = ids.filter((id) => !present.has(id));
  if (missing.length > 0)
    throw awsError(
      'InvalidAMIID.NotFound',
      missing.length === 1
        ? `The image id '[${missing[0]}]' does not exist`
        : `The image ids '[${missing.join(', ')}]' do not exist`,
    );
  return found;
}

const isListed = (image: Image, now: number, includesDeprecated: boolean, includesDisabled: boolean) =>
  image.state !== 'deregistered' &&
  (includesDisabled || image.state !== 'disabled') &&
  (includesDeprecated || image.deprecatedAt === undefined || Date.parse(image.deprecatedAt) > now);

const describeImages = (state: RegionState) =>
  ec2Action(
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
      const { images, scenario, clock } = state;
      const ownOwners: readonly string[] = [IMAGE_OWNER_ALIAS, scenario.accountId, 'self'];
      const isOwned = Owners.length === 0 || Owners.some((owner) => ownOwners.includes(owner));
      const matches = matcherOf<Image>(Filters, imageFilters);
      const asked =
        ids.length > 0
          ? getImages(state, ids)
          : [...images.values()].filter((image) => isListed(image, clock.now(), IncludeDeprecated, IncludeDisabled));
      const found = asked.filter((image) => matches(image) && isOwned);
      const page = ec2Page(found, ({ id }) => id, paging, {
        idsParameter: ids.length > 0 ? 'imageIdsSet' : undefined,
        least: 1,
      });
      return { Images: page.items.map((image) => imageShape(image, state)), NextToken: page.nextToken };
    },
  );

/** AMIs. */
export const imageActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeImages: describeImages(state),
});
