import { failures } from './failures.ts';

/** The form in which a client wants its answer. */
export interface Representation {
  readonly shape: 'object' | 'table' | 'metadata';
  readonly format: 'json' | 'yaml';
  /** `v1` or `v1beta1` of meta.k8s.io; they differ in name only. */
  readonly metaVersion: string;
}

const SERVED_TYPES = ['application/json', 'application/yaml'];

const SHAPES: ReadonlyMap<string, Representation['shape']> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadata'],
]);

/** One clause of an `Accept` header, with its parameters. */
export interface AcceptClause {
  readonly mediaType: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Read an `Accept` header into its clauses, in the order given. */
export const parseAccept = (header: string | undefined): readonly AcceptClause[] =>
  (header === undefined || header.trim() === '' ? '*/*' : header).split(',').map((clause) => {
    const [mediaType = '', ...parameters] = clause.split(';').map((part) => part.trim());
    return { mediaType, parameters: Object.fromEntries(parameters.map((parameter) => parameter.split('=', 2))) };
  });

const formatOf = (mediaType: string): Representation['format'] | undefined => {
  if (mediaType === 'application/json' || mediaType === '*/*' || mediaType === 'application/*') return 'json';
  return mediaType === 'application/yaml' ? 'yaml' : undefined;
};

/**
 * Choose the form of an answer.
 *
 * @throws ApiFailure 406 when the client accepts none that is served
 */
export function negotiate(header: string | undefined): Representation {
  for (const { mediaType, parameters } of parseAccept(header)) {
    const format = formatOf(mediaType);
    if (format === undefined) continue;
    const as = parameters.as;
    if (as === undefined) return { shape: 'object', format, metaVersion: 'v1' };
    const shape = SHAPES.get(as);
    if (shape !== undefined && parameters.g === 'meta.k8s.io')
      return { shape, format, metaVersion: parameters.v ?? 'v1' };
  }
  throw failures.notAcceptable(SERVED_TYPES);
}
