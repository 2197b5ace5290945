import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler, SandboxRequest, SandboxResponse } from 'eks-sandbox/server';
import { actionOf, type Plane } from '../seams/action.ts';
import type { Invocation } from '../seams/invocation.ts';

/** A request of the workflow's functions, while the world carries it out. */
export interface CarriedRequest {
  readonly invocation: Invocation | undefined;
  /** AWS action, or `PATCH nodes`. */
  readonly action: string;
  readonly request: SandboxRequest;
}

type OnBegin = (request: CarriedRequest) => void;
type OnEnd = (request: CarriedRequest, response: SandboxResponse) => void;

/** The requests of the workflow's functions that reach the world, whatever the functions are told of them. */
export interface CarriedRequests {
  /** The request that makes what happens now happen; `undefined` when somebody else does. */
  current(): CarriedRequest | undefined;
  /** Wrap a front end, next to the world: what never reaches it is not carried out. */
  carry(handler: RequestHandler, plane: Plane): RequestHandler;
  /** Called before a request is carried out, and once it has been. */
  onCarried(begin: OnBegin, end: OnEnd): void;
}

/**
 * Follow the requests of the workflow's functions.
 *
 * What a request only sets going (an update of EKS, a machine that boots) is not done by it: it is over with its answer.
 *
 * @param caller tells on whose behalf something happens now
 */
export function createCarriedRequests(caller: () => Invocation | undefined): CarriedRequests {
  const storage = new AsyncLocalStorage<{ readonly carried: CarriedRequest; isOver: boolean }>();
  const listeners: [OnBegin, OnEnd][] = [];
  return {
    current() {
      const here = storage.getStore();
      return here === undefined || here.isOver ? undefined : here.carried;
    },
    carry: (handler, plane) => async (request) => {
      const carried = { invocation: caller(), action: actionOf(request, plane), request };
      const here = { carried, isOver: false };
      for (const [begin] of listeners) begin(carried);
      try {
        const response = await storage.run(here, () => handler(request));
        here.isOver = true;
        for (const [, end] of listeners) end(carried, response);
        return response;
      } finally {
        here.isOver = true;
      }
    },
    onCarried: (begin, end) => void listeners.push([begin, end]),
  };
}
