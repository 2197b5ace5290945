import type { SandboxRequest } from '../../server/http.ts';
import { type Route, routeRequest } from '../api/route.ts';

/** Find out what a request asks; `undefined` when it names no resource or is refused anyway, which is not worth a fault. */
export function routeOf(request: SandboxRequest): Route | undefined {
  try {
    return routeRequest(request);
  } catch {
    return undefined;
  }
}

/** Name a resource as scenarios do: `nodes`, `pods/eviction`. */
export const resourceOf = ({ definition, subresource }: Pick<Route, 'definition' | 'subresource'>): string =>
  `${definition.resource}${subresource === undefined ? '' : `/${subresource}`}`;

/** Name a request as scenarios do: `PATCH nodes`, `POST pods/eviction`. */
export function actionOf(request: SandboxRequest): string | undefined {
  const route = routeOf(request);
  return route && `${request.method} ${resourceOf(route)}`;
}
