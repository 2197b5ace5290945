const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Leave out labels and annotations that hold nothing, as Go's `omitempty` does: no JSON patch can add a key to them then. */
export const withoutEmptyMaps = <Metadata extends object>(metadata: Metadata): Metadata =>
  Object.fromEntries(
    Object.entries(metadata).filter(([field, value]) => !/^(labels|annotations)$/.test(field) || !isEmpty(value)),
  ) as Metadata;
