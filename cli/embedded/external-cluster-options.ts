import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { type ExternalCluster, whyNotPrivate } from 'eks-sandbox/kubernetes-bridge';
import type { Options } from '../commands/command.ts';
import { usageFailure } from '../failure.ts';
import type { ExternalClusterOptions } from './external-cluster.ts';

const addressesOf = async (host: string) => (await lookup(host, { all: true })).map(({ address }) => address);

/** A token as given, or from a file; the file may be renewed, so it is read for each request. */
function tokenSource(value: string): () => string {
  if (!existsSync(value)) return () => value;
  return () => readFileSync(value, 'utf8').trim();
}

/**
 * Read the options of an external cluster, and open the cluster.
 *
 * @returns `undefined` without `--kubeconfig`
 * @throws {CliFailure} for options that do not go together, a kubeconfig that cannot be used, and, unless `--i-know` is
 * given, a cluster on a public address
 */
export async function externalClusterOf(
  options: Options,
  onProblem: (sentence: string) => void,
): Promise<ExternalClusterOptions | undefined> {
  const kubeconfig = options.text('kubeconfig');
  const token = options.text('workflow-token');
  if (kubeconfig === undefined) {
    const stray = ['context', 'workflow-token', 'i-know'].find((name) => options.flag(name));
    if (stray !== undefined) throw usageFailure(`--${stray} needs --kubeconfig`);
    return undefined;
  }
  if (token !== undefined && options.flag('kubernetes-port')) {
    throw usageFailure(
      '--kubernetes-port cannot be used with --workflow-token: with a token the workflow connects to your cluster directly',
    );
  }
  const cluster = await openedAs(kubeconfig, options.text('context'));
  if (!options.flag('i-know')) {
    const why = cluster.hasProxy
      ? 'it is reached through a proxy, so its address does not show where it is'
      : await whyNotPrivate(cluster.server, addressesOf);
    if (why !== undefined) {
      throw usageFailure(
        `context ${cluster.context} is ${cluster.server}, and ${why}: the sandbox would create and delete nodes and evict pods in a cluster that may be in use. If it is not in use, add --i-know`,
      );
    }
  }
  return { cluster, kubeconfig, workflowToken: token === undefined ? undefined : tokenSource(token), onProblem };
}

async function openedAs(file: string, context: string | undefined): Promise<ExternalCluster> {
  // Loaded only here, because no other command uses its client.
  const { openExternalCluster } = await import('eks-sandbox/external-cluster');
  try {
    return openExternalCluster({ file, context });
  } catch (error) {
    throw usageFailure((error as Error).message);
  }
}
