import { boolean, list, named, required, string, structure, within } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { identityOf } from '../../sts/state.ts';
import { templateShape } from '../responses/launch-templates.ts';
import { launchTemplateDataMembers, tagSpecifications } from '../state/launch-template-data.ts';
import type { LaunchTemplate } from '../state/launch-templates.ts';
import type { OncePerToken } from './client-tokens.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';
import { clientTokenMember, pickReference, referenceMembers } from './template-reference.ts';

const describeLaunchTemplates = (state: RegionState) =>
  ec2Action(
    {
      LaunchTemplateIds: list(string, 'LaunchTemplateId'),
      LaunchTemplateNames: list(string, 'LaunchTemplateName'),
      Filters: filtersShape,
      IncludeManagedResources: boolean,
      ...pagingMembers,
    },
    ({ LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [], Filters, ...paging }) => {
      const asked = [
        ...ids.map((LaunchTemplateId) => state.launchTemplates.get({ LaunchTemplateId })),
        ...names.map((LaunchTemplateName) => state.launchTemplates.get({ LaunchTemplateName })),
      ];
      const matches = matcherOf<LaunchTemplate>(
        Filters,
        {
          'launch-template-name': ({ name }) => [name],
          'create-time': ({ createdAt }) => [new Date(createdAt).toISOString()],
        },
        ({ tags }) => tags,
      );
      const found = (ids.length + names.length > 0 ? asked : state.launchTemplates.all()).filter(matches);
      const page = ec2Page(found, ({ id }) => id, paging, { least: 1 });
      return { LaunchTemplates: page.items.map(templateShape), NextToken: page.nextToken };
    },
  );

const createLaunchTemplate = (state: RegionState, once: OncePerToken) =>
  ec2Action(
    {
      LaunchTemplateName: required(within(string, 3, 128)),
      VersionDescription: within(string, 0, 255),
      LaunchTemplateData: required(structure(launchTemplateDataMembers)),
      TagSpecifications: tagSpecifications,
      Operator: structure({ Principal: string }),
      ...clientTokenMember,
    },
    ({ ClientToken, ...request }, context) =>
      once(ClientToken, { action: 'CreateLaunchTemplate', ...request }, () => {
        const tags = (request.TagSpecifications ?? [])
          .filter(({ ResourceType }) => ResourceType === 'launch-template')
          .flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        const template = state.launchTemplates.create(
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
  );

const modifyLaunchTemplate = (state: RegionState, once: OncePerToken) =>
  ec2Action(
    { ...referenceMembers, DefaultVersion: named('SetDefaultVersion', string), ...clientTokenMember },
    ({ DefaultVersion, ClientToken, ...given }) =>
      once(ClientToken, { action: 'ModifyLaunchTemplate', DefaultVersion, ...given }, () => {
        const template = state.launchTemplates.get(pickReference(given));
        if (DefaultVersion !== undefined)
          template.defaultVersion = state.launchTemplates.getVersion(template, DefaultVersion).number;
        return { LaunchTemplate: templateShape(template) };
      }),
  );

/** Launch templates. Their data is stored as given: EC2 checks it when something is launched. */
export const launchTemplateActions = (state: RegionState, once: OncePerToken): Readonly<Record<string, Action>> => ({
  DescribeLaunchTemplates: describeLaunchTemplates(state),
  CreateLaunchTemplate: createLaunchTemplate(state, once),
  ModifyLaunchTemplate: modifyLaunchTemplate(state, once),
});
