import assert from 'node:assert/strict';
import { durationOf, runMachine, task } from './run-machine.ts';

describe('scale', () => {
  it('5,000 items of about ten states take seconds', async () => {
    const loop = {
      A: task('work', { ResultPath: '$.a', Retry: [{ ErrorEquals: ['States.ALL'] }], Next: 'B' }),
      B: { Type: 'Choice', Choices: [{ Variable: '$.a.ok', BooleanEquals: true, Next: 'C' }], Default: 'A' },
      C: task('work', { ResultPath: '$.c', Next: 'D' }),
      D: { Type: 'Choice', Choices: [{ Variable: '$.c.ok', BooleanEquals: true, Next: 'E' }], Default: 'C' },
      E: task('work', { ResultPath: '$.e', Next: 'F' }),
      F: { Type: 'Wait', Seconds: 60, Next: 'G' },
      G: task('work', { ResultPath: '$.g', Next: 'H' }),
      H: { Type: 'Pass', Next: 'I' },
      I: { Type: 'Pass', Result: 'done', End: true },
    };
    const before = performance.now();
    const map = {
      Type: 'Map',
      Label: 'nodes',
      MaxConcurrency: 100,
      ItemsPath: '$.items',
      ItemSelector: { 'id.$': '$$.Map.Item.Value' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'A',
        States: loop,
      },
      End: true,
    };
    const { execution, stepFunctions } = await runMachine(
      { StartAt: 'M', States: { M: map } },
      {
        input: { items: Array.from({ length: 5000 }, (_, index) => `i-${index}`) },
        functions: { work: () => ({ ok: true }) },
      },
    );
    assert.equal(execution.status, 'SUCCEEDED');
    assert.equal(stepFunctions.mapRunsOf(execution)[0]?.counts.succeeded, 5000);
    assert.equal(durationOf(execution), 3000);
    assert.ok(performance.now() - before < 15_000);
  });
});
