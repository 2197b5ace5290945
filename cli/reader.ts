import { EKSClient, type EKSClientConfig, paginateListClusters } from '@aws-sdk/client-eks';
import { createDeps } from '../clients/lambda/deps.ts';
import { systemClock } from '../clients/lambda/system-clock.ts';
import type { Deps, NodeExecutions } from '../clients/ports.ts';

/** Reaches AWS and clusters with the rights of the user; no deployed stack is needed. */
export interface Reader {
  readonly deps: Deps;
  /** Executions of the state machine that upgrades one node. */
  nodeExecutions(stateMachineArn: string): Promise<NodeExecutions>;
  /** Names of all EKS clusters of the region. */
  listClusters(): Promise<string[]>;
}

/** Reach AWS as the SDK finds it: region, endpoint and credentials come from where it always takes them. */
export async function createReader(config: Pick<EKSClientConfig, 'region'>): Promise<Reader> {
  const client = new EKSClient(config);
  const region = await client.config.region();
  return {
    deps: createDeps({ region, clock: systemClock, random: Math.random }),
    async nodeExecutions(stateMachineArn) {
      const { connectNodeExecutions } = await import('../clients/aws/node-executions.ts');
      return connectNodeExecutions(config, stateMachineArn);
    },
    async listClusters() {
      const names: string[] = [];
      for await (const page of paginateListClusters({ client }, {})) names.push(...(page.clusters ?? []));
      return names;
    },
  };
}
