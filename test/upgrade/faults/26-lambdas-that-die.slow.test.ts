import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readDefinitions } from '../../support/definitions.ts';
import { INPUT, NEW_AMI, world } from '../run-upgrade.ts';
import { undrained, watchedWorld } from './watched-world.ts';

/** Functions that a run of engine workflow calls. */
const FUNCTIONS = readDefinitions()
  .filter(
    ({ where, name }) => /upgrade-node(group)?\./.test(where) && !/Update(?!AutoScaling)|Recover|TakeOver/.test(name),
  )
  .flatMap(({ state }) => (state.Resource as { 'Fn::GetAtt'?: string[] } | undefined)?.['Fn::GetAtt']?.[0] ?? []);

const KINDS = ['functionTimesOut', 'functionCrashes', 'functionFreezes'] as const;

describe('#26 a function that dies in any step is called again: Sandbox.Timedout, Runtime.ExitError, States.Timeout', () => {
  for (const [index, key] of [...new Set(FUNCTIONS)].entries()) {
    for (const kind of [KINDS[index % 3], KINDS[(index + 1) % 3]] as (typeof KINDS)[number][]) {
      it(`${key}: ${kind} twice`, async () => {
        const more = kind === 'functionFreezes' ? { forSeconds: 1000 } : {};
        const fault = { kind, function: key, times: 2, afterRequests: index % 2 === 0 ? 0 : 3, ...more };
        const sandbox = await watchedWorld(world({ scenario: { faults: [fault as never] } }));
        const ended = await sandbox.upgrade(INPUT);
        assert.equal(ended.status, 'SUCCEEDED', `${ended.error} ${ended.cause}`);
        assert.deepEqual(new Set(sandbox.amis()), new Set([NEW_AMI]));
        assert.deepEqual(undrained(sandbox), []);
        assert.equal(sandbox.group().desiredCapacity, 6);
      });
    }
  }
});
