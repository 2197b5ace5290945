type Asynchronous = (...parameters: never[]) => Promise<unknown>;

/**
 * A port whose implementation is made when it is first used.
 *
 * An SDK client costs 10 to 90 ms of start-up; a step pays for those that it calls.
 *
 * @param load called once; again after it has failed
 */
export function lazily<Port extends { readonly [K in keyof Port]: Asynchronous }>(load: () => Promise<Port>): Port {
  let loading: Promise<Port> | undefined;
  const loaded = async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (thrown) {
      loading = undefined;
      throw thrown;
    }
  };
  return new Proxy({} as Port, {
    get: (_, method) => {
      // Whoever awaits the port itself must not take it for a promise.
      if (typeof method === 'symbol' || method === 'then') return undefined;
      return async (...parameters: never[]) => (await loaded())[method as keyof Port](...parameters);
    },
  });
}
