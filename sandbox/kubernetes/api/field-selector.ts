import type { KubernetesObject } from '../objects.ts';
import { failures } from './failures.ts';
import { jsonObjectIn } from './patch/json-value.ts';
import type { ResourceDefinition } from './resources.ts';

/** A parsed `fieldSelector`. */
export interface FieldSelector {
  readonly matches: (object: KubernetesObject) => boolean;
  /** What a label must equal, when the selector says so; lets a list use an index. */
  readonly required: (label: string) => string | undefined;
}

type FieldReader = (object: KubernetesObject) => unknown;

/** Read a dotted path; absent fields read as ''. */
const at =
  (path: string): FieldReader =>
  (object) =>
    path.split('.').reduce<unknown>((value, field) => jsonObjectIn(value)[field], object);

const dotted = (...paths: string[]): Record<string, FieldReader> =>
  Object.fromEntries(paths.map((path) => [path, at(path)]));

/** Labels every resource has. */
const GENERAL_FIELDS = dotted('metadata.name', 'metadata.namespace');

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ */
const FIELDS_BY_RESOURCE: Record<string, Record<string, FieldReader>> = {
  pods: {
    ...dotted(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.hostNetwork': ({ spec }) => jsonObjectIn(spec).hostNetwork === true,
  },
  nodes: { 'spec.unschedulable': ({ spec }) => jsonObjectIn(spec).unschedulable === true },
  namespaces: dotted('status.phase'),
  secrets: dotted('type'),
  replicasets: dotted('status.replicas'),
  replicationcontrollers: dotted('status.replicas'),
  jobs: dotted('status.successful'),
  services: dotted('spec.clusterIP', 'spec.type'),
  events: {
    ...dotted(
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'type',
    ),
    source: ({ source, reportingComponent }) => jsonObjectIn(source).component ?? reportingComponent,
  },
};

/** events.k8s.io names the same fields otherwise. */
const FIELDS_OF_NEW_EVENTS: Record<string, FieldReader> = {
  ...dotted('reason', 'type'),
  reportingController: at('reportingComponent'),
  ...Object.fromEntries(
    ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => [
      `regarding.${field}`,
      at(`involvedObject.${field}`),
    ]),
  ),
};

const readersOf = (definition: ResourceDefinition) => ({
  ...GENERAL_FIELDS,
  ...(definition.group === 'events.k8s.io' ? FIELDS_OF_NEW_EVENTS : FIELDS_BY_RESOURCE[definition.stored]),
});

/**
 * Read the `fieldSelector` query parameter.
 *
 * @returns `undefined` when it selects everything
 * @throws ApiFailure 400 for a label the resource does not have, or for bad syntax
 */
export function parseFieldSelector(definition: ResourceDefinition, text: string | null): FieldSelector | undefined {
  if (text === null || text.trim() === '') return undefined;
  const readers: Record<string, FieldReader> = readersOf(definition);
  const terms = text.split(',').map((term) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(term.trim());
    if (match === null) throw failures.badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, label = '', operator = '', value = ''] = match;
    const read = Object.hasOwn(readers, label) ? readers[label] : undefined;
    if (read === undefined)
      throw failures.badRequest(
        Object.hasOwn(FIELDS_BY_RESOURCE, definition.stored)
          ? `field label not supported: ${label}`
          : `"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    return { label, value, isNegated: operator === '!=', read };
  });
  return {
    matches: (object) =>
      terms.every(({ read, value, isNegated }) => (String(read(object) ?? '') === value) !== isNegated),
    required: (label) => terms.find((term) => term.label === label && !term.isNegated)?.value,
  };
}
