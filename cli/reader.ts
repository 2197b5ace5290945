import { EKSClient, type EKSClientConfig, ListClustersCommand } from '@aws-sdk/client-eks';
import { createDeps } from '../clients/lambda/deps.ts';
import { systemClock } from '../clients/lambda/system-clock.ts';
import type { Deps } from '../clients/ports.ts';
import { allPages } from './history-source.ts';

/** Looks at AWS and at clusters with the rights of whoever runs the program; no deployed stack is needed. */
export interface Reader {
  readonly deps: Deps;
  /** Names of all EKS clusters of the region. */
  listClusters(): Promise<string[]>;
}

/** Reach AWS as the SDK finds it: region, endpoint and credentials come from where it always takes them. */
export async function createReader(config: Pick<EKSClientConfig, 'region'>): Promise<Reader> {
  const client = new EKSClient(config);
  const region = await client.config.region();
  return {
    deps: createDeps({ region, clock: systemClock, random: Math.random }),
    listClusters: () =>
      allPages(async (nextToken) => {
        const page = await client.send(new ListClustersCommand(nextToken === undefined ? {} : { nextToken }));
        return { items: page.clusters ?? [], ...(page.nextToken ? { nextToken: page.nextToken } : {}) };
      }),
  };
}
