import type { KubernetesObject } from '../objects.ts';
import type { Representation } from './accept.ts';
import { columnsOf } from './columns/columns.ts';
import type { ResourceDefinition } from './resources.ts';
import { objectJson, partialMetadata } from './wire-object.ts';

/** What a row carries besides its cells: the `includeObject` query parameter. */
export type IncludedObject = 'None' | 'Metadata' | 'Object';

/** How a table is asked for. */
export interface TableRequest {
  readonly definition: ResourceDefinition;
  readonly representation: Representation;
  readonly included: IncludedObject;
  readonly nowMilliseconds: number;
}

/** Read `includeObject`; `Metadata` by default. */
export const includedObject = (query: URLSearchParams): IncludedObject => {
  const given = query.get('includeObject');
  return given === 'None' || given === 'Object' ? given : 'Metadata';
};

function rowJson({ definition, representation, included, nowMilliseconds }: TableRequest, object: KubernetesObject) {
  const cells = JSON.stringify(columnsOf(definition.stored).map(({ cell }) => cell(object, nowMilliseconds)));
  if (included === 'None') return `{"cells":${cells}}`;
  const shown =
    included === 'Object'
      ? objectJson(definition, object)
      : JSON.stringify({ ...partialMetadata(object), apiVersion: `meta.k8s.io/${representation.metaVersion}` });
  return `{"cells":${cells},"object":${shown}}`;
}

/**
 * Write objects as the `Table` that `kubectl get` prints.
 *
 * @param metadata of the list
 * @param hasColumns false for all but the first event of a watch: the client remembers them
 */
export function tableJson(
  request: TableRequest,
  objects: readonly KubernetesObject[],
  metadata: object,
  hasColumns = true,
): string {
  const columns = columnsOf(request.definition.stored).map(({ name, type, format = '', priority }) => ({
    name,
    type,
    format,
    description: '',
    priority,
  }));
  return [
    `{"kind":"Table","apiVersion":"meta.k8s.io/${request.representation.metaVersion}","metadata":${JSON.stringify(metadata)},`,
    `"columnDefinitions":${hasColumns ? JSON.stringify(columns) : 'null'},`,
    `"rows":[${objects.map((object) => rowJson(request, object)).join(',')}]}`,
  ].join('');
}
