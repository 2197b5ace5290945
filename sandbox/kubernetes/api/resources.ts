import type { ResourceName } from '../kinds/kinds.ts';
import type { GroupResource } from './failures.ts';

/** Name of a subresource that the server serves. */
export type Subresource = 'status' | 'scale' | 'eviction' | 'binding' | 'log' | 'token';

/** One served resource. */
export interface ResourceDefinition extends GroupResource {
  readonly version: string;
  /** Plural, as in paths. */
  readonly resource: string;
  /** Its name in the object store. */
  readonly stored: ResourceName;
  readonly singular: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Of a CustomResourceDefinition: nobody knows its type. */
  readonly isCustom: boolean;
  /** Only created, never stored: answers a question. */
  readonly isReview: boolean;
  /** A PUT to a name that is free creates the object. */
  readonly isCreatedByPut: boolean;
  /** A PUT without resourceVersion is refused. */
  readonly needsVersionForPut: boolean;
  /** First sentence of `kubectl explain`. */
  readonly description: string;
}

const EVERY_VERB = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `group/version`, or `v1` for the core group: what objects say in `apiVersion`. */
export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group === '' ? version : `${group}/${version}`;

/** Verbs a resource can be asked, in discovery's order. */
export const verbsOf = (definition: ResourceDefinition): readonly string[] =>
  definition.isReview ? ['create'] : EVERY_VERB;

type Traits = Partial<
  Pick<
    ResourceDefinition,
    'shortNames' | 'categories' | 'subresources' | 'isReview' | 'isNamespaced' | 'isCreatedByPut' | 'needsVersionForPut'
  >
>;

/** Define resources of one group and version. */
export const inGroup =
  (group: string, version: string) =>
  (resource: ResourceName, kind: string, description: string, traits: Traits = {}): ResourceDefinition => ({
    group,
    version,
    resource,
    stored: resource,
    kind,
    singular: kind.toLowerCase(),
    description,
    isNamespaced: true,
    shortNames: [],
    categories: [],
    subresources: [],
    isCustom: false,
    isReview: false,
    isCreatedByPut: false,
    needsVersionForPut: false,
    ...traits,
  });
