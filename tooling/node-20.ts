/* What our code uses of ES2024 and Node 20 lacks; part of the bundled program. */

Map.groupBy ??= <Key, Item>(items: Iterable<Item>, keyOf: (item: Item, index: number) => Key): Map<Key, Item[]> => {
  const groups = new Map<Key, Item[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

Promise.withResolvers ??= <Result>(): PromiseWithResolvers<Result> => {
  let resolve: PromiseWithResolvers<Result>['resolve'] | undefined;
  let reject: PromiseWithResolvers<Result>['reject'] | undefined;
  const promise = new Promise<Result>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve: resolve as never, reject: reject as never };
};
