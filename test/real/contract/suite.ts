import { access } from './access.ts';
import { admission } from './admission.ts';
import type { ApiServer } from './api-server.ts';
import type { Chapter } from './behaviour.ts';
import { budgets } from './budgets.ts';
import { cachedLists } from './cached-lists.ts';
import { discovery } from './discovery.ts';
import { eviction } from './eviction.ts';
import { leases } from './leases.ts';
import { lists } from './lists.ts';
import { nodes } from './nodes.ts';
import { objectsChapter } from './objects-chapter.ts';
import { patches } from './patches.ts';
import { scheduling } from './scheduling.ts';
import { storedKinds } from './stored-kinds.ts';
import { watches } from './watches.ts';
import { createWorld } from './world.ts';

/** Every behaviour of Kubernetes that our code relies on. */
const CHAPTERS: readonly Chapter[] = [
  eviction,
  admission,
  budgets,
  objectsChapter,
  lists,
  cachedLists,
  watches,
  patches,
  scheduling,
  nodes,
  leases,
  access,
  discovery,
  storedKinds,
];

/** Hold an API server to the contract: one mocha test a behaviour, each in a namespace of its own. */
export function describeContract(title: string, start: () => Promise<ApiServer>, prefix = 'contract'): void {
  describe(title, () => {
    let server: ApiServer;
    let worlds = 0;
    before(async () => {
      server = await start();
    });
    after(() => server?.stop());

    for (const chapter of CHAPTERS)
      describe(chapter.title, () => {
        for (const [behaviour, hold] of chapter.behaviours)
          it(behaviour, async () => {
            worlds += 1;
            await hold(await createWorld(server, `${prefix}-${worlds}`));
          });
      });
  });
}
