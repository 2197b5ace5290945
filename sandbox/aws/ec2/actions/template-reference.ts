import { string, within } from '../../input-shapes.ts';
import type { TemplateReference } from '../state/launch-templates.ts';

/** Members that name a template: one of them is given. */
export const referenceMembers = { LaunchTemplateId: string, LaunchTemplateName: string };

export const clientTokenMember = { ClientToken: within(string, 0, 128) };

export const pickReference = ({ LaunchTemplateId, LaunchTemplateName }: TemplateReference): TemplateReference => ({
  LaunchTemplateId,
  LaunchTemplateName,
});
