import { compareEngines, comparisonTable } from './engine-comparison.ts';

/** Upgrade the same node groups with both engines, and print what differs. */
export async function main(): Promise<void> {
  process.stderr.write('Upgrading each node group with both engines, on a virtual clock …\n');
  process.stdout.write(`${comparisonTable(await compareEngines())}\n`);
}
