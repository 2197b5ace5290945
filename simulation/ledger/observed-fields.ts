/**
 * Be told of each change of a field of an object that the world changes in place.
 *
 * @param onChange is called after the change
 */
export function observeField<Whole extends object, Key extends keyof Whole>(
  object: Whole,
  key: Key,
  onChange: (to: Whole[Key], from: Whole[Key]) => void,
): void {
  let value = object[key];
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set(next: Whole[Key]) {
      const from = value;
      value = next;
      if (next !== from) onChange(next, from);
    },
  });
}

/** Be told of each entry that comes into a map, those that are there included, and of each that leaves it. */
export function observeMap<Key, Value>(
  map: Map<Key, Value>,
  { onCome, onLeave }: { onCome: (key: Key, value: Value) => void; onLeave: (key: Key, value: Value) => void },
): void {
  for (const [key, value] of map) onCome(key, value);
  const { set, delete: remove } = map;
  map.set = (key, value) => {
    set.call(map, key, value);
    onCome(key, value);
    return map;
  };
  map.delete = (key) => {
    const value = map.get(key);
    const isGone = remove.call(map, key);
    if (isGone) onLeave(key, value as Value);
    return isGone;
  };
}
