import { compareEngines, comparisonTable } from '../cli/embedded/engine-comparison.ts';

process.stderr.write('Upgrading each node group with both engines, on a virtual clock …\n');
process.stdout.write(`${comparisonTable(await compareEngines())}\n`);
