import type { Node } from '../kubernetes/kinds/node.ts';
import type { Taint } from '../kubernetes/taints.ts';
import type { RequestHandler } from '../server/http.ts';
import type { ActorOf } from '../world/scenario/actor.ts';

type NodeActor = ActorOf<'taintNodes' | 'untaintNodes' | 'cordonNodes' | 'uncordonNodes' | 'deleteNodes'>;
type LeaseActor = ActorOf<'deleteLease' | 'annotateLease'>;

/** How often a change is tried again when somebody else changes the object at the same moment. */
const MOST_ATTEMPTS = 5;

/** What the API server said. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(
  handler: RequestHandler,
  method: string,
  path: string,
  change?: object,
  type = 'application/merge-patch+json',
): Promise<Answer> {
  const response = await handler({
    method,
    path,
    query: new URLSearchParams(),
    headers: { accept: 'application/json', 'content-type': type, 'user-agent': 'kubectl' },
    body: change === undefined ? '' : JSON.stringify(change),
  });
  return { status: response.status, body: typeof response.body === 'string' ? response.body : '' };
}

/** The server's reason for refusing, if it did. */
const refusalOf = ({ status, body }: Answer): string | undefined =>
  status < 400 ? undefined : `${status} ${(JSON.parse(body) as { message?: string }).message ?? body}`;

/** Change the taints of a node, as the node is now. */
async function changeTaints(
  handler: RequestHandler,
  path: string,
  edit: (taints: readonly Taint[]) => readonly Taint[],
): Promise<string | undefined> {
  let refusal: string | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const found = await ask(handler, 'GET', path);
    refusal = refusalOf(found);
    if (refusal !== undefined) return refusal;
    const { metadata, spec } = JSON.parse(found.body) as Node;
    const taints = edit(spec?.taints ?? []);
    const { resourceVersion } = metadata;
    const changed = await ask(handler, 'PATCH', path, { metadata: { resourceVersion }, spec: { taints } });
    refusal = refusalOf(changed);
    if (changed.status !== 409) return refusal;
  }
  return refusal;
}

/**
 * Do to one node what an actor does.
 *
 * @returns why the API server refused it
 */
export async function actOnNode(actor: NodeActor, handler: RequestHandler, nodeName: string) {
  const path = `/api/v1/nodes/${nodeName}`;
  switch (actor.kind) {
    case 'taintNodes': {
      const { taint } = actor;
      return changeTaints(handler, path, (taints) => [
        ...taints.filter(({ key, effect }) => key !== taint.key || effect !== taint.effect),
        taint as Taint,
      ]);
    }
    case 'untaintNodes':
      return changeTaints(handler, path, (taints) =>
        taints.filter(({ key, effect }) => key !== actor.key || effect !== (actor.effect ?? effect)),
      );
    case 'cordonNodes':
      return refusalOf(await ask(handler, 'PATCH', path, { spec: { unschedulable: true } }));
    case 'uncordonNodes':
      return refusalOf(await ask(handler, 'PATCH', path, { spec: { unschedulable: null } }));
    case 'deleteNodes':
      return refusalOf(await ask(handler, 'DELETE', path));
  }
}

/**
 * Do to a Lease what an actor does.
 *
 * @returns why the API server refused it
 */
export async function actOnLease(actor: LeaseActor, handler: RequestHandler) {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${actor.namespace}/leases/${actor.name}`;
  if (actor.kind === 'deleteLease') return refusalOf(await ask(handler, 'DELETE', path));
  return refusalOf(await ask(handler, 'PATCH', path, { metadata: { annotations: actor.annotations } }));
}
