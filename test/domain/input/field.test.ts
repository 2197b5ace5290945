import assert from 'node:assert/strict';
import { clusterInputSchema } from '../../../domain/cluster/input.ts';
import { defaultOf, type Field, fieldAt, fieldsOf } from '../../../domain/input/field.ts';
import { inputSchema } from '../../../domain/input/input.ts';

/** Paths of all fields of an input, those inside an object included. */
const pathsOf = (fields: Field, prefix = ''): string[] =>
  Object.entries(fields.properties ?? {}).flatMap(([key, field]) =>
    typeof field === 'object' ? [`${prefix}${key}`, ...pathsOf(field, `${prefix}${key}.`)] : [],
  );

describe('a field of the input', () => {
  for (const [name, schema] of Object.entries({ nodegroup: inputSchema, cluster: clusterInputSchema })) {
    it(`of a ${name} has a description, from which the documents and the help of the options are made`, () => {
      const fields = fieldsOf(schema);
      const silent = pathsOf(fields).filter((path) => (fieldAt(fields, path).description ?? '') === '');
      assert.deepEqual(silent, []);
    });
  }

  const input = fieldsOf(inputSchema);
  for (const [path, expected] of [
    ['drainTimeoutSeconds', '`900`'],
    ['pods.unmanaged', '`"evict"`'],
    ['alarms', 'none'],
    ['engine', '`eks` for a managed node group, else `workflow`'],
    ['clusterName', undefined],
  ] as const) {
    it(`has a default in words: ${path}`, () => assert.equal(defaultOf(fieldAt(input, path)), expected));
  }

  it('that does not exist is an error', () => {
    assert.throws(() => fieldAt(input, 'updateConfig.canary'), /the input has no field updateConfig\.canary/);
  });
});
