import assert from 'node:assert/strict';
import { toPayload } from 'eks-sandbox/step-functions';
import { describe, it } from 'mocha';
import { createWorld } from './run-upgrade.ts';

const MACHINES = ['upgrade-nodegroup', 'upgrade-cluster', 'upgrade-node'] as const;
const INPUTS: readonly [title: string, input: unknown][] = [
  ['a text', 'shop'],
  ['an empty text', ''],
  ['a number', 7],
  ['true', true],
  ['null', null],
  ['a list', [{ clusterName: 'shop' }]],
  ['an empty list', []],
  ['an empty object', {}],
];

describe('an execution input that is none', () => {
  for (const machine of MACHINES) {
    it(`is InvalidInput for ${machine}, in one sentence: ${INPUTS.map(([title]) => title).join(', ')}`, async () => {
      const sandbox = await createWorld();
      const definition = sandbox.stepFunctions.machines.find(({ name }) => name.endsWith(machine));
      assert.ok(definition !== undefined);
      for (const [title, input] of INPUTS) {
        const execution = sandbox.stepFunctions.start(
          definition,
          toPayload(input as never),
          title.replaceAll(' ', '-'),
        );
        await sandbox.clock.runUntil(() => execution.status !== 'RUNNING', 3600);
        assert.equal(execution.error, 'InvalidInput', `${title}: ${execution.error} ${execution.cause}`);
        assert.doesNotMatch(execution.cause ?? '', /errorMessage|trace|^\{/, title);
      }
      const changes = sandbox.wire.entries.filter(
        ({ plane, action, request }) =>
          (plane === 'kubernetes' && request.method !== 'GET') || /^(Update|Create|Terminate|Set)/.test(action),
      );
      assert.deepEqual(changes, []);
    });
  }
});
