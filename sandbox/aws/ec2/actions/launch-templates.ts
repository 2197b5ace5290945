import { resolveImageId } from '../../auto-scaling/simulation/launch-plan.ts';
import { type AwsError, awsError, isAwsError } from '../../aws-error.ts';
import { boolean, list, named, required, string, structure, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { identityOf } from '../../sts/state.ts';
import { tagShapes } from '../responses/tags.ts';
import type { LaunchTemplate, LaunchTemplateVersion, TemplateReference } from '../state/launch-templates.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { launchTemplateDataMembers, tagSpecifications } from './launch-template-data.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const reference = { LaunchTemplateId: string, LaunchTemplateName: string };
const clientToken = { ClientToken: within(string, 0, 128) };
const templateData = required(structure(launchTemplateDataMembers));

const templateShape = (template: LaunchTemplate) => ({
  LaunchTemplateId: template.id,
  LaunchTemplateName: template.name,
  CreateTime: new Date(template.createdAt),
  CreatedBy: template.createdBy,
  DefaultVersionNumber: template.defaultVersion,
  LatestVersionNumber: Math.max(...template.versions.keys()),
  Tags: tagShapes(template.tags),
});

/** Which code of a single version's failure a refusal becomes in DeleteLaunchTemplateVersions. */
const deletionFailure = (version: string, { code, message }: AwsError) => ({
  VersionNumber: /^\d+$/.test(version) ? Number(version) : undefined,
  ResponseError: {
    Code: code === 'InvalidLaunchTemplateId.VersionNotFound' ? 'launchTemplateVersionDoesNotExist' : 'unexpectedError',
    Message: message,
  },
});

/** Everything about launch templates. Their data is stored as given: EC2 looks at it when something is launched. */
export const launchTemplateActions = ({
  launchTemplates,
  parameters,
  images,
}: RegionState): Readonly<Record<string, Action>> => {
  const answered = new Map<string, { parameters: string; answer: Record<string, unknown> }>();

  const versionShape = (template: LaunchTemplate, version: LaunchTemplateVersion, resolvesAlias: boolean) => ({
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description,
    CreateTime: new Date(version.createdAt),
    CreatedBy: version.createdBy,
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData:
      resolvesAlias && version.data.ImageId !== undefined
        ? { ...version.data, ImageId: resolveImageId(version.data.ImageId, parameters) }
        : version.data,
  });

  /**
   * Carry out a request once per client token.
   *
   * @throws IdempotentParameterMismatch when the token came with other parameters before
   */
  const once = (
    token: string | undefined,
    request: Record<string, unknown>,
    carryOut: () => Record<string, unknown>,
  ): Record<string, unknown> => {
    if (token === undefined || token === '') return carryOut();
    const asked = JSON.stringify(request);
    const before = answered.get(token);
    if (before === undefined) {
      const answer = carryOut();
      answered.set(token, { parameters: asked, answer });
      return answer;
    }
    if (before.parameters !== asked)
      throw awsError(
        'IdempotentParameterMismatch',
        'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
      );
    return before.answer;
  };

  /** Versions to show of one template, newest first, when numbers are not asked for by name. */
  const versionsBetween = (template: LaunchTemplate, least: string | undefined, most: string | undefined) =>
    [...template.versions.values()]
      .filter(({ number }) => number >= Number(least ?? 1) && number <= Number(most ?? Number.POSITIVE_INFINITY))
      .reverse();

  return {
    DescribeLaunchTemplates: ec2Action(
      {
        LaunchTemplateIds: list(string, 'LaunchTemplateId'),
        LaunchTemplateNames: list(string, 'LaunchTemplateName'),
        Filters: filtersShape,
        IncludeManagedResources: boolean,
        ...pagingMembers,
      },
      ({ LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [], Filters, ...paging }) => {
        const asked = [
          ...ids.map((LaunchTemplateId) => launchTemplates.get({ LaunchTemplateId })),
          ...names.map((LaunchTemplateName) => launchTemplates.get({ LaunchTemplateName })),
        ];
        const matches = matcherOf<LaunchTemplate>(
          Filters,
          {
            'launch-template-name': ({ name }) => [name],
            'create-time': ({ createdAt }) => [new Date(createdAt).toISOString()],
          },
          ({ tags }) => tags,
        );
        const found = (ids.length + names.length > 0 ? asked : launchTemplates.all()).filter(matches);
        const page = ec2Page(found, ({ id }) => id, paging, { least: 1 });
        return { LaunchTemplates: page.items.map(templateShape), NextToken: page.nextToken };
      },
    ),

    DescribeLaunchTemplateVersions: ec2Action(
      {
        ...reference,
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
        const templates = namesTemplate ? [launchTemplates.get(pickReference(given))] : launchTemplates.all();
        const matches = matcherOf<{ template: LaunchTemplate; version: LaunchTemplateVersion }>(Filters, {
          'image-id': ({ version }) => [version.data.ImageId],
          'instance-type': ({ version }) => [version.data.InstanceType],
          'is-default-version': ({ template, version }) => [String(version.number === template.defaultVersion)],
        });
        const found = templates
          .flatMap((template) => {
            const versions =
              Versions.length > 0
                ? Versions.map((version) => launchTemplates.getVersion(template, version))
                : versionsBetween(template, MinVersion, MaxVersion);
            return [...new Set(versions)].map((version) => ({ template, version }));
          })
          .filter(matches);
        const keyOf = ({ template, version }: (typeof found)[number]) => `${template.id}/${version.number}`;
        const page = ec2Page(found, keyOf, given, { least: 1 });
        return {
          LaunchTemplateVersions: page.items.map(({ template, version }) =>
            versionShape(template, version, ResolveAlias),
          ),
          NextToken: page.nextToken,
        };
      },
    ),

    CreateLaunchTemplate: ec2Action(
      {
        LaunchTemplateName: required(within(string, 3, 128)),
        VersionDescription: within(string, 0, 255),
        LaunchTemplateData: templateData,
        TagSpecifications: tagSpecifications,
        Operator: structure({ Principal: string }),
        ...clientToken,
      },
      ({ ClientToken, ...request }, context) =>
        once(ClientToken, { action: 'CreateLaunchTemplate', ...request }, () => {
          const tags = (request.TagSpecifications ?? [])
            .filter(({ ResourceType }) => ResourceType === 'launch-template')
            .flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
          const template = launchTemplates.create(
            request.LaunchTemplateName,
            {
              data: request.LaunchTemplateData,
              description: request.VersionDescription,
              createdBy: identityOf(context).arn,
            },
            Object.fromEntries(tags),
          );
          return { LaunchTemplate: templateShape(template) };
        }),
    ),

    CreateLaunchTemplateVersion: ec2Action(
      {
        ...reference,
        SourceVersion: string,
        VersionDescription: within(string, 0, 255),
        LaunchTemplateData: templateData,
        ResolveAlias: boolean,
        ...clientToken,
      },
      ({ ClientToken, ...request }, context) =>
        once(ClientToken, { action: 'CreateLaunchTemplateVersion', ...request }, () => {
          const template = launchTemplates.get(pickReference(request));
          const source =
            request.SourceVersion === undefined
              ? undefined
              : launchTemplates.getVersion(template, request.SourceVersion);
          const data = { ...source?.data, ...request.LaunchTemplateData };
          const version = launchTemplates.addVersion(template, {
            data,
            description: request.VersionDescription,
            createdBy: identityOf(context).arn,
          });
          const imageId = resolveImageId(data.ImageId ?? '', parameters);
          const isDoubtful = data.ImageId !== undefined && !images.has(imageId);
          return {
            LaunchTemplateVersion: versionShape(template, version, request.ResolveAlias ?? false),
            // EC2 creates the version all the same.
            Warning: isDoubtful
              ? { Errors: [{ Code: 'InvalidAMIID.NotFound', Message: `The image id '[${imageId}]' does not exist` }] }
              : undefined,
          };
        }),
    ),

    DeleteLaunchTemplateVersions: ec2Action(
      { ...reference, Versions: required(list(string, 'LaunchTemplateVersion')) },
      ({ Versions, ...given }) => {
        const template = launchTemplates.get(pickReference(given));
        const identity = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
        const deleted: Record<string, unknown>[] = [];
        const kept: Record<string, unknown>[] = [];
        for (const text of Versions) {
          try {
            const { number } = launchTemplates.getVersion(template, text);
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
    ),

    ModifyLaunchTemplate: ec2Action(
      { ...reference, DefaultVersion: named('SetDefaultVersion', string), ...clientToken },
      ({ DefaultVersion, ClientToken, ...given }) =>
        once(ClientToken, { action: 'ModifyLaunchTemplate', DefaultVersion, ...given }, () => {
          const template = launchTemplates.get(pickReference(given));
          if (DefaultVersion !== undefined)
            template.defaultVersion = launchTemplates.getVersion(template, DefaultVersion).number;
          return { LaunchTemplate: templateShape(template) };
        }),
    ),
  };
};

const pickReference = ({ LaunchTemplateId, LaunchTemplateName }: TemplateReference): TemplateReference => ({
  LaunchTemplateId,
  LaunchTemplateName,
});
