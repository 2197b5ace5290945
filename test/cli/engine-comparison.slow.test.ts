import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type ComparedRun, compareEngines, comparisonTable } from '../../cli/embedded/engine-comparison.ts';

describe('the comparison of both engines on the same node groups', () => {
  let runs: ComparedRun[];
  before(async () => {
    runs = await compareEngines();
  });

  const of = (world: string, engine: ComparedRun['engine']) => {
    const found = runs.find((run) => run.world.startsWith(world) && run.engine === engine);
    assert.ok(found !== undefined);
    return found.report;
  };

  it('is in the documentation as the program prints it', () => {
    const document = readFileSync('docs/managed-nodegroups.md', 'utf8');
    assert.ok(
      document.includes(comparisonTable(runs)),
      'put what `npm run compare` prints into docs/managed-nodegroups.md',
    );
  });

  for (const world of ['6 nodes', '30 nodes']) {
    it(`shows for ${world} that engine workflow is quicker, moves fewer pods, and that neither goes below the original capacity`, () => {
      const [eks, workflow] = [of(world, 'eks'), of(world, 'workflow')];
      assert.ok(workflow.durationSeconds < eks.durationSeconds);
      assert.ok(workflow.counts.evicted < eks.counts.evicted);
      for (const { capacity } of [eks, workflow]) {
        assert.ok((capacity.lowest?.readyNodes ?? 0) >= (capacity.originalDesired ?? Number.POSITIVE_INFINITY));
      }
    });
  }
});
