type Asynchronous = (...parameters: never[]) => Promise<unknown>;

/**
 * Make a port whose implementation is loaded when it is first used.
 *
 * An SDK client costs 10 to 90 ms of start-up; a step pays only for those that it calls.
 *
 * @param load called once; again after it has failed
 */
export function loadOnFirstUse<Port extends { readonly [K in keyof Port]: Asynchronous }>(
  load: () => Promise<Port>,
): Port {
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
      // Without this, `await port` would treat the port as a promise.
      if (typeof method === 'symbol' || method === 'then') return undefined;
      return async (...parameters: never[]) => (await loaded())[method as keyof Port](...parameters);
    },
  });
}
