import type { SandboxRequest, SandboxResponse } from '../../server/http.ts';
import type { Authorize, User } from './access.ts';
import type { ApiContext } from './context.ts';
import { createObjectCreator } from './create.ts';
import { createListHandler } from './list.ts';
import type { Route } from './route.ts';
import type { Call, VerbContext } from './verbs/call.ts';
import { handleCreate } from './verbs/create.ts';
import { handleDelete, handleDeleteCollection } from './verbs/delete.ts';
import { handlePatch } from './verbs/patch.ts';
import { handleGet, handleList, handleWatch } from './verbs/read.ts';
import { handleUpdate } from './verbs/update.ts';
import { createWatchHandler } from './watch.ts';

/** Answers requests about resources, once the user is authenticated and authorized. */
export type HandleResource = (route: Route, request: SandboxRequest, user: User) => Promise<SandboxResponse>;

const HANDLERS: Readonly<
  Record<Route['verb'], (context: VerbContext, call: Call) => SandboxResponse | Promise<SandboxResponse>>
> = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

/** Create the handler of every resource. */
export function createResourceHandler(context: ApiContext, authorize: Authorize): HandleResource {
  const verbContext: VerbContext = {
    ...context,
    authorize,
    listObjects: createListHandler(context),
    watchObjects: createWatchHandler(context),
    createObject: createObjectCreator(context),
  };
  return async (route, request, user) => HANDLERS[route.verb](verbContext, { route, request, user });
}
