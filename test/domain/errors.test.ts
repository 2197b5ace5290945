import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { ERROR_CLASSES, ERROR_NAMES, type ErrorName, UpgradeError } from '../../domain/errors.ts';

describe('errors', () => {
  const names = Object.values(ERROR_NAMES).flat();

  for (const name of names) {
    it(`${name} carries that name whatever its class is called after bundling`, () => {
      const cause = new Error('the service said so');
      const error = new ERROR_CLASSES[name]('what happened', { cause });
      assert.ok(error instanceof UpgradeError && error instanceof Error);
      assert.ok(Object.hasOwn(error, 'name'), 'a literal of the instance, not of the class');
      assert.deepEqual([error.name, error.message, error.cause], [name, 'what happened', cause]);
    });
  }

  it('have one reaction each', () => assert.equal(new Set<ErrorName>(names).size, names.length));

  it('are those of EKS where EKS has one', () => {
    const ofEks = ['PodEvictionFailure', 'NodeCreationFailure', 'AccessDenied', 'ClusterUnreachable'];
    assert.deepEqual(
      ofEks.filter((name) => !names.includes(name as ErrorName)),
      [],
    );
  });

  it('keep their names when they are bundled and minified', async () => {
    const { outputFiles } = await build({
      entryPoints: ['domain/errors.ts'],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      write: false,
    });
    const text = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
    const minified = await import(`data:text/javascript;base64,${text}`);
    assert.deepEqual(
      names.map((name) => new minified.ERROR_CLASSES[name]('what happened').name),
      names,
    );
  });
});
