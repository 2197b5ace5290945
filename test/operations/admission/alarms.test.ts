import assert from 'node:assert/strict';
import { alarmsInAlarm } from '../../../operations/admission/alarms.ts';
import { createPorts } from '../ports-in-memory.ts';

describe('#61 alarms of a run', () => {
  const answering = (...answers: Record<string, string>[]) => {
    const { deps } = createPorts();
    return { ...deps, alarms: { states: async () => answers.shift() ?? {} } };
  };

  it('close the gate when one was deleted or renamed in mid-run', async () =>
    assert.deepEqual(await alarmsInAlarm(answering({ a: 'OK' }, { a: 'OK' }), ['a', 'b']), [
      'b (CloudWatch has no such alarm any more)',
    ]));

  it('are asked for again when one answer lacks one', async () =>
    assert.deepEqual(await alarmsInAlarm(answering({}, { a: 'OK', b: 'ALARM' }), ['a', 'b']), ['b']));
});
