/** Tags as EC2 shows them, in the order of their keys. */
export const tagShapes = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
