import type { SandboxClock } from '../../../world/clock.ts';
import type { Random } from '../../../world/random.ts';
import { awsError } from '../../aws-error.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';

/** One version of a launch template; versions never change. */
export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly data: LaunchTemplateData;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: Map<number, LaunchTemplateVersion>;
  defaultVersion: number;
  /** Highest number ever given out: numbers are not used again. */
  latestVersion: number;
}

/** How callers name a template: by id or by name, not both. */
export interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** What a new version is made of. */
export interface VersionRequest {
  readonly data: LaunchTemplateData;
  readonly description?: string | undefined;
  readonly createdBy: string;
}

/** The launch templates of a region. */
export interface LaunchTemplates {
  all(): LaunchTemplate[];
  /** @throws InvalidLaunchTemplateName.AlreadyExistsException */
  create(name: string, version: VersionRequest, tags: Readonly<Record<string, string>>): LaunchTemplate;
  addVersion(template: LaunchTemplate, version: VersionRequest): LaunchTemplateVersion;
  remove(template: LaunchTemplate): void;
  findByName(name: string): LaunchTemplate | undefined;
  /** @throws InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateName.NotFoundException, MissingParameter, InvalidParameterCombination */
  get(reference: TemplateReference): LaunchTemplate;
  /**
   * Find a version by number, `$Latest` or `$Default`.
   *
   * @throws InvalidLaunchTemplateId.VersionNotFound
   */
  getVersion(template: LaunchTemplate, version: string): LaunchTemplateVersion;
}

const MOST_VERSIONS = 10_000;

const highestNumber = (template: LaunchTemplate) => Math.max(...template.versions.keys());

/** Create a set of launch templates. */
export function createLaunchTemplates(
  clock: SandboxClock,
  random: Random,
  given: readonly LaunchTemplate[] = [],
): LaunchTemplates {
  const templates = new Map(given.map((template) => [template.id, template]));

  const findByName = (name: string) => [...templates.values()].find((template) => template.name === name);

  const addVersion = (template: LaunchTemplate, { data, description, createdBy }: VersionRequest) => {
    if (template.versions.size >= MOST_VERSIONS)
      throw awsError(
        'VersionLimitExceeded',
        `You have reached the maximum number of versions (${MOST_VERSIONS}) for launch template ${template.id}.`,
      );
    template.latestVersion += 1;
    const version = { number: template.latestVersion, description, createdAt: clock.now(), createdBy, data };
    template.versions.set(version.number, version);
    return version;
  };

  return {
    all: () => [...templates.values()],
    findByName,
    addVersion,
    remove: ({ id }) => void templates.delete(id),
    create(name, version, tags) {
      if (findByName(name) !== undefined)
        throw awsError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
      const template: LaunchTemplate = {
        id: `lt-0${random.hex(16)}`,
        name,
        createdAt: clock.now(),
        createdBy: version.createdBy,
        tags,
        versions: new Map(),
        defaultVersion: 1,
        latestVersion: 0,
      };
      addVersion(template, version);
      templates.set(template.id, template);
      return template;
    },
    get({ LaunchTemplateId: id, LaunchTemplateName: name }) {
      if (id !== undefined && name !== undefined)
        throw awsError(
          'InvalidParameterCombination',
          'You cannot specify both a launch template ID and a launch template name in the request.',
        );
      if (id === undefined && name === undefined)
        throw awsError(
          'MissingParameter',
          'Either a launch template ID or a launch template name must be specified in the request.',
        );
      if (id !== undefined && !/^lt-[0-9a-f]{8,17}$/.test(id))
        throw awsError('InvalidLaunchTemplateId.Malformed', `The launch template ID '${id}' is not valid.`);
      const template = id === undefined ? findByName(name as string) : templates.get(id);
      if (template !== undefined) return template;
      throw id === undefined
        ? awsError(
            'InvalidLaunchTemplateName.NotFoundException',
            `The specified launch template, with template name ${name}, does not exist.`,
          )
        : awsError(
            'InvalidLaunchTemplateId.NotFound',
            `The specified launch template, with template ID ${id}, does not exist.`,
          );
    },
    getVersion(template, version) {
      const number =
        version === '$Latest'
          ? highestNumber(template)
          : version === '$Default'
            ? template.defaultVersion
            : Number(/^\d+$/.test(version) ? version : Number.NaN);
      const found = template.versions.get(number);
      if (found === undefined)
        throw awsError(
          'InvalidLaunchTemplateId.VersionNotFound',
          `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
        );
      return found;
    },
  };
}
