import assert from 'node:assert/strict';
import { continuationName, startedBy } from '../../../domain/cluster/execution-name.ts';

const LONG = 'a-group-with-a-long-name-0123456789a-20260120-101500-by-ana-the-operator-3f2a-xy';

describe('names of executions that continue another one', () => {
  it('count the parts of a run', () => {
    const second = continuationName('workers-20260120-101500-by-ana-3f2a');
    assert.equal(second, 'workers-20260120-101500-by-ana-3f2a-part2');
    assert.equal(continuationName(second), 'workers-20260120-101500-by-ana-3f2a-part3');
  });

  it('still say who started the run', () =>
    assert.equal(startedBy(continuationName('workers-20260120-101500-by-ana-3f2a')), 'ana'));

  it('stay below the limit of 80 characters, and different for different runs', () => {
    let [name, other] = [LONG, LONG.replace(/y$/, 'z')];
    for (let part = 2; part < 102; part += 1) {
      [name, other] = [continuationName(name), continuationName(other)];
      assert.ok(name.length <= 80 && name.endsWith(`-part${part}`), name);
      assert.notEqual(name, other);
    }
  });
});
