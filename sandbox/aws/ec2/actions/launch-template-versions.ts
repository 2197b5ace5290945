import { resolveImageId } from '../../auto-scaling/simulation/launch-plan.ts';
import { awsError, isAwsError } from '../../aws-error.ts';
import { boolean, list, required, string, structure, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { identityOf } from '../../sts/state.ts';
import { deletionFailure, versionShape } from '../responses/launch-templates.ts';
import { launchTemplateDataMembers } from '../state/launch-template-data.ts';
import type { LaunchTemplate, LaunchTemplateVersion } from '../state/launch-templates.ts';
import type { OncePerToken } from './client-tokens.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';
import { clientTokenMember, pickReference, referenceMembers } from './template-reference.ts';

/** Versions to show of one template, newest first, when numbers are not asked for by name. */
const versionsBetween = (template: LaunchTemplate, least: string | undefined, most: string | undefined) =>
  [...template.versions.values()]
    .filter(({ number }) => number >= Number(least ?? 1) && number <= Number(most ?? Number.POSITIVE_INFINITY))
    .reverse();

const describeLaunchTemplateVersions = (state: RegionState) =>
  ec2Action(
    {
      ...referenceMembers,
      Versions: list(string, 'LaunchTemplateVersion'),
      MinVersion: string,
      MaxVersion: string,
      ResolveAlias: boolean,
      Filters: filtersShape,
      IncludeManagedResources: boolean,
      ...pagingMembers,
    },
    ({ Versions = [], MinVersion, MaxVersion, ResolveAlias = false, Filters, ...given }) => {
      const namesTemplate = given.LaunchTemplateId !== undefined || given.LaunchTemplateName !== undefined;
      if (!namesTemplate && !Versions.some((version) => version === '$Latest' || version === '$Default'))
        throw awsError(
          'MissingParameter',
          'Either a launch template ID or a launch template name must be specified in the request.',
        );
      const templates = namesTemplate ? [state.launchTemplates.get(pickReference(given))] : state.launchTemplates.all();
      const matches = matcherOf<{ template: LaunchTemplate; version: LaunchTemplateVersion }>(Filters, {
        'image-id': ({ version }) => [version.data.ImageId],
        'instance-type': ({ version }) => [version.data.InstanceType],
        'is-default-version': ({ template, version }) => [String(version.number === template.defaultVersion)],
      });
      const found = templates
        .flatMap((template) => {
          const versions =
            Versions.length > 0
              ? Versions.map((version) => state.launchTemplates.getVersion(template, version))
              : versionsBetween(template, MinVersion, MaxVersion);
          return [...new Set(versions)].map((version) => ({ template, version }));
        })
        .filter(matches);
      const keyOf = ({ template, version }: (typeof found)[number]) => `${template.id}/${version.number}`;
      const page = ec2Page(found, keyOf, given, { least: 1 });
      return {
        LaunchTemplateVersions: page.items.map(({ template, version }) =>
          versionShape(state, template, version, ResolveAlias),
        ),
        NextToken: page.nextToken,
      };
    },
  );

const createLaunchTemplateVersion = (state: RegionState, once: OncePerToken) =>
  ec2Action(
    {
      ...referenceMembers,
      SourceVersion: string,
      VersionDescription: within(string, 0, 255),
      LaunchTemplateData: required(structure(launchTemplateDataMembers)),
      ResolveAlias: boolean,
      ...clientTokenMember,
    },
    ({ ClientToken, ...request }, context) =>
      once(ClientToken, { action: 'CreateLaunchTemplateVersion', ...request }, () => {
        const template = state.launchTemplates.get(pickReference(request));
        const source =
          request.SourceVersion === undefined
            ? undefined
            : state.launchTemplates.getVersion(template, request.SourceVersion);
        const data = { ...source?.data, ...request.LaunchTemplateData };
        const version = state.launchTemplates.addVersion(template, {
          data,
          description: request.VersionDescription,
          createdBy: identityOf(context).arn,
        });
        const imageId = resolveImageId(data.ImageId ?? '', state.parameters);
        const isDoubtful = data.ImageId !== undefined && !state.images.has(imageId);
        return {
          LaunchTemplateVersion: versionShape(state, template, version, request.ResolveAlias ?? false),
          // EC2 creates the version all the same.
          Warning: isDoubtful
            ? { Errors: [{ Code: 'InvalidAMIID.NotFound', Message: `The image id '[${imageId}]' does not exist` }] }
            : undefined,
        };
      }),
  );

const deleteLaunchTemplateVersions = (state: RegionState) =>
  ec2Action(
    { ...referenceMembers, Versions: required(list(string, 'LaunchTemplateVersion')) },
    ({ Versions, ...given }) => {
      const template = state.launchTemplates.get(pickReference(given));
      const identity = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
      const deleted: Record<string, unknown>[] = [];
      const kept: Record<string, unknown>[] = [];
      for (const text of Versions) {
        try {
          const { number } = state.launchTemplates.getVersion(template, text);
          if (number === template.defaultVersion)
            throw awsError(
              'InvalidLaunchTemplateVersion',
              `The default version (${number}) of launch template ${template.id} cannot be deleted.`,
            );
          template.versions.delete(number);
          deleted.push({ ...identity, VersionNumber: number });
        } catch (thrown) {
          if (!isAwsError(thrown)) throw thrown;
          kept.push({ ...identity, ...deletionFailure(text, thrown) });
        }
      }
      return {
        SuccessfullyDeletedLaunchTemplateVersions: deleted,
        UnsuccessfullyDeletedLaunchTemplateVersions: kept,
      };
    },
  );

/** Versions of launch templates. */
export const launchTemplateVersionActions = (
  state: RegionState,
  once: OncePerToken,
): Readonly<Record<string, Action>> => ({
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions(state),
  CreateLaunchTemplateVersion: createLaunchTemplateVersion(state, once),
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions(state),
});
