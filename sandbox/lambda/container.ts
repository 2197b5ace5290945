import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler } from '../server/http.ts';
import type { SandboxClock } from '../world/clock.ts';

/** The process in which Lambda runs a function, one call at a time. */
export interface Container {
  /** As in serverless.yml. */
  readonly functionKey: string;
  /** Whether it sends no further request; what it had asked for takes effect. */
  readonly isSilent: boolean;
  /** Send nothing any more. Nobody is told. */
  silence(): void;
  /** End the process: it is silent from now on, and its call fails. */
  die(failure: Error): void;
}

/** Called before each request that a function sends; the request waits for it. */
type BeforeRequest = () => Promise<void>;

interface RunningContainer extends Container {
  /** Identifies what the function keeps between its calls. */
  readonly memory: object;
  readonly beforeRequest: BeforeRequest[];
}

const current = new AsyncLocalStorage<RunningContainer>();

/** The container of whoever asks; `undefined` outside. */
export const currentContainer = (): Container | undefined => current.getStore();

/** Run what does not belong to the container of whoever asked for it: a call of another function. */
export const outsideContainers = <T>(work: () => T): T => current.exit(work);

/** The containers of functions: idle ones are used again, dead ones never. */
export interface Containers {
  /** Run a call in a container: in the one it is already in, if any. */
  run<T>(
    functionKey: string,
    work: (container: Container) => Promise<T>,
    beforeRequest?: (container: Container) => Promise<void>,
  ): Promise<T>;
}

/** Create containers; none runs yet. */
export function createContainers(): Containers {
  const idle = new Map<string, object[]>();

  const start = async <T>(functionKey: string, work: (container: RunningContainer) => Promise<T>): Promise<T> => {
    const idleOnes = idle.get(functionKey) ?? [];
    idle.set(functionKey, idleOnes);
    const { promise: death, reject } = Promise.withResolvers<never>();
    let isSilent = false;
    const container: RunningContainer = {
      functionKey,
      memory: idleOnes.pop() ?? {},
      beforeRequest: [],
      get isSilent() {
        return isSilent;
      },
      silence() {
        isSilent = true;
      },
      die(failure) {
        isSilent = true;
        reject(failure);
      },
    };
    try {
      return await Promise.race([death, current.run(container, () => work(container))]);
    } finally {
      if (!isSilent) idleOnes.push(container.memory);
    }
  };

  return {
    run(functionKey, work, beforeRequest) {
      const inside = (container: RunningContainer) => {
        if (beforeRequest !== undefined) container.beforeRequest.push(() => beforeRequest(container));
        return work(container);
      };
      const present = current.getStore();
      return present === undefined ? start(functionKey, inside) : inside(present);
    },
  };
}

/**
 * Let requests from containers wait until they may be sent; those of everybody else pass.
 *
 * Whose request it is can only be told where it is a function call; over a socket every request passes.
 */
export function fromContainers(handler: RequestHandler, clock: SandboxClock): RequestHandler {
  const send = async (container: RunningContainer, request: Parameters<RequestHandler>[0]) => {
    for (const before of container.beforeRequest) if (!container.isSilent) await before();
    return container.isSilent ? clock.hang() : handler(request);
  };
  return (request) => {
    const container = current.getStore();
    return container === undefined ? handler(request) : send(container, request);
  };
}

/**
 * Make what functions keep in memory: one for each container, and one for all calls that run in none.
 *
 * What waits for the answer to a request of a dead process is gone with it, and concerns no other.
 */
export function inEachContainer<T>(create: () => T): () => T {
  const made = new WeakMap<object, T>();
  const outside = {};
  return () => {
    const memory = current.getStore()?.memory ?? outside;
    const kept = made.get(memory) ?? create();
    made.set(memory, kept);
    return kept;
  };
}
