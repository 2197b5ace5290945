import type { RequestHandler } from '../../server/http.ts';
import type { SandboxClock } from '../../world/clock.ts';
import { lastsAt } from '../../world/scenario/spell.ts';
import type { Fault } from '../../world/scenario.ts';
import type { Authorize } from '../api/access.ts';
import { failures } from '../api/failures.ts';
import { failureResponse } from '../api/responses.ts';
import { ADMIN_GROUP } from '../authorizer.ts';
import { resourceOf, routeOf } from './action.ts';
import { backAtSeconds, outagesOf } from './outage.ts';

/** Nobody asks for so long after a restart that the rules are still unread. */
const RULES_READ_SECONDS = 60;

type Denial = Extract<Fault, { kind: 'denied' }>;

/** What is asked of which resource, with its subresource. */
interface Asked {
  readonly verb: string;
  readonly resource: string;
}

const concerns = ({ verbs, resources }: Denial, { verb, resource }: Asked): boolean =>
  (verbs?.some((each) => each === verb) ?? true) && (resources?.includes(resource) ?? true);

/** Create what tells whether a scenario denies something now; its instants count from this call. */
function createDenials(faults: readonly Fault[], status: Denial['status'], clock: Pick<SandboxClock, 'now'>) {
  const startedAt = clock.now();
  const denials = faults.filter((fault): fault is Denial => fault.kind === 'denied' && fault.status === status);
  const isDenied = (asked: Asked) =>
    denials.some((denial) => lastsAt(denial, (clock.now() - startedAt) / 1000) && concerns(denial, asked));
  return { isDenied, isEmpty: denials.length === 0 };
}

/** Make an API server accept no token for a spell, as EKS's authenticator does at times. */
export function withoutAuthentication(
  handle: RequestHandler,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): RequestHandler {
  const { isDenied, isEmpty } = createDenials(faults, 401, clock);
  if (isEmpty) return handle;
  return async (request) => {
    const route = routeOf(request);
    const isRefused = route !== undefined && isDenied({ verb: route.verb, resource: resourceOf(route) });
    return isRefused ? failureResponse(failures.unauthorized().status) : handle(request);
  };
}

/**
 * Make RBAC refuse what it grants: for a spell, or in the first answers after the API server was away.
 *
 * Administrators are not concerned, since no rule says what they may do.
 */
export function withoutRights(
  authorize: Authorize,
  faults: readonly Fault[],
  clock: Pick<SandboxClock, 'now'>,
): Authorize {
  const { isDenied, isEmpty } = createDenials(faults, 403, clock);
  const outages = outagesOf(faults).filter(({ forbiddenAnswers }) => forbiddenAnswers > 0);
  if (isEmpty && outages.length === 0) return authorize;
  const startedAt = clock.now();
  const refusalsLeft = new Map(outages.map((outage) => [outage, outage.forbiddenAnswers]));

  const areRulesUnread = () => {
    for (const [outage, left] of refusalsLeft) {
      const secondsBack = (clock.now() - startedAt) / 1000 - backAtSeconds(outage);
      if (left === 0 || secondsBack < 0 || secondsBack > RULES_READ_SECONDS) continue;
      refusalsLeft.set(outage, left - 1);
      return true;
    }
    return false;
  };

  return (user, access) => {
    if (user.groups.includes(ADMIN_GROUP)) return authorize(user, access);
    const { verb, subresource } = access;
    const resource = subresource === '' ? access.resource : `${access.resource}/${subresource}`;
    return !isDenied({ verb, resource }) && !areRulesUnread() && authorize(user, access);
  };
}
