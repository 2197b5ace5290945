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

  it('is in the documentation as it comes out', () => {
    const document = readFileSync('docs/managed-nodegroups.md', 'utf8');
    assert.ok(
      document.includes(comparisonTable(runs)),
      'put what `npm run compare` prints into docs/managed-nodegroups.md',
    );
  });

  for (const world of ['6 nodes', '30 nodes']) {
    it(`${world}: our own phases are quicker and move fewer pods, and neither goes below the capacity there was`, () => {
      const [eks, workflow] = [of(world, 'eks'), of(world, 'workflow')];
      assert.ok(workflow.durationSeconds < eks.durationSeconds);
      assert.ok(workflow.counts.evicted < eks.counts.evicted);
      for (const { capacity } of [eks, workflow]) {
        assert.ok((capacity.lowest?.readyNodes ?? 0) >= (capacity.originalDesired ?? Number.POSITIVE_INFINITY));
      }
    });
  }
});
