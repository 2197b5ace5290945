import { ADMIN_TOKEN, createSandbox } from '../../sandbox.ts';
import type { RequestHandler } from '../../server/http.ts';
import { type ScenarioInput, scenarioSchema } from '../../world/scenario.ts';
import { createVirtualClock } from '../../world/virtual-clock.ts';

type ActorInput = NonNullable<ScenarioInput['actors']>[number];

/** A state machine whose executions take a minute. */
const RESTING = { Comment: 'waits', StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 60, End: true } } };

/** A sandbox with a group `workers` of three nodes, in which actors act. */
export function createActorsWorld(actors: readonly ActorInput[], group: object = {}) {
  const scenario = scenarioSchema.parse({
    images: [{ id: 'ami-0aaaaaaaaaaaaaaaa', name: 'old' }],
    clusters: [
      {
        name: 'shop',
        groups: [
          {
            name: 'workers',
            zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
            minSize: 1,
            maxSize: 6,
            desiredCapacity: 3,
            amiId: 'ami-0aaaaaaaaaaaaaaaa',
            launchTemplateVersion: '2',
            ...group,
          },
        ],
      },
    ],
    actors,
  });
  const clock = createVirtualClock(Date.parse(scenario.startsAt));
  const sandbox = createSandbox({ scenario, clock, definitions: [{ name: 'upgrade', definition: RESTING }] });
  const store = sandbox.stores.get('shop');
  const workers = sandbox.region.state.autoScaling.groups.get('workers');
  if (store === undefined || workers === undefined) throw new Error('the world has a cluster and a group');
  return {
    sandbox,
    store,
    workers,
    advance: (seconds: number) => clock.advance(seconds),
    /** Nodes in the order in which their instances joined the group. */
    nodes: () =>
      [...workers.members.values()].map(({ instance }) => store.get('nodes', undefined, instance.privateDnsName)),
    refusals: () => sandbox.actorReports.map(({ refusal }) => refusal),
  };
}

/** Ask an API server as an administrator. */
export const asAdmin = (handler: RequestHandler, method: string, path: string, body?: object) =>
  handler({
    method,
    path,
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: body === undefined ? '' : JSON.stringify(body),
  });
