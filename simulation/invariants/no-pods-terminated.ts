import type { Pod } from 'eks-sandbox/kubernetes';
import { IN_HAND_ANNOTATION } from '../../domain/drain/in-hand.ts';
import type { GroupLedger } from '../ledger/group-ledger.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import { isLeftAlone, isNodeReady } from '../ledger/node-state.ts';
import type { CarriedRequest } from '../ledger/requests.ts';
import { nodeStepOf } from '../ledger/steps.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Invariant } from './invariant.ts';

/** By call of a function and node, the uids of the pods that the call was truly told of last. */
type Seen = Map<unknown, Map<string, ReadonlySet<string>>>;

const nodeAskedFor = ({ query }: CarriedRequest['request']): string | undefined =>
  query.get('fieldSelector')?.match(/(?:^|,)spec\.nodeName=([^,]+)/)?.[1];

/** Note which pods there were when a call of a function listed those of a node. */
function followLists(world: SimulatedWorld, groups: readonly GroupLedger[]): Seen {
  const seen: Seen = new Map();
  world.carried.onCarried(
    () => {},
    ({ action, request, invocation }, { status }) => {
      const nodeName = nodeAskedFor(request);
      if (action !== 'GET pods' || status !== 200 || nodeName === undefined) return;
      if (request.query.get('watch') !== null || request.query.get('resourceVersion') === '0') return;
      const uids = groups.flatMap(({ store }) => store.podsOnNode(nodeName).map(({ metadata }) => metadata.uid));
      const ofCall = seen.get(invocation) ?? new Map<string, ReadonlySet<string>>();
      seen.set(invocation, ofCall.set(nodeName, new Set(uids)));
    },
  );
  return seen;
}

const toleratesAll = ({ spec }: Pod): boolean =>
  (spec.tolerations ?? []).some(
    ({ key, operator, effect }) =>
      operator === 'Exists' && (key === undefined || key === 'eks.amazonaws.com/nodegroup') && effect === undefined,
  );

/** What a node that the kubelet has left behind still shows, although its time to stop is over. */
const isOverdue = (pod: Pod, now: number): boolean =>
  pod.metadata.deletionTimestamp !== undefined && Date.parse(pod.metadata.deletionTimestamp) <= now;

/** No instance is terminated with pods on it. */
export const noPodsTerminated: Invariant = {
  name: 'no pods are terminated',
  promise:
    'No instance is terminated with a pod on its node that had to leave, unless `force` is set: the step that terminates it has listed its pods, and found none.',
  begin(world, broken) {
    const groups = [...ledgerOf(world).groups.values()];
    const seen = followLists(world, groups);
    for (const ledger of groups) {
      ledger.onChange((change) => {
        if (change.kind !== 'lifecycle' || change.by === undefined) return;
        if (!change.to.startsWith('Terminating') || change.from.startsWith('Terminating')) return;
        const { instanceId } = change.member.instance;
        const node = ledger.nodeOf(instanceId);
        const step = nodeStepOf(change.by.invocation);
        if (node === undefined || step?.run.force === true) return;
        const listed = seen.get(change.by.invocation)?.get(node.metadata.name);
        const isDown = !isNodeReady(node);
        const left = ledger.store.podsOnNode(node.metadata.name).filter((pod) => {
          if (isLeftAlone(pod)) return false;
          if (isDown && isOverdue(pod, world.clock.now())) return false;
          // Came between the list and the termination: no request could have known it.
          if (listed !== undefined && !listed.has(pod.metadata.uid)) return false;
          // Returned because it tolerates every taint, and is not waited for.
          return !(toleratesAll(pod) && listed !== undefined);
        });
        if (left.length === 0) return;
        const names = left.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
        const said = node.metadata.annotations?.[IN_HAND_ANNOTATION] ?? 'nothing';
        const how = listed === undefined ? 'and the call had not listed its pods' : 'as its list showed';
        broken(`${instanceId} is terminated with ${names} on ${node.metadata.name}, ${how} (node says ${said})`);
      });
    }
    return undefined;
  },
};
