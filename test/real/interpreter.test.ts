import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { stateMachines } from '../../cli/embedded/state-machines.ts';
import { startLocalStack } from './harness/localstack.ts';
import { prepareLocalStack } from './harness/prepare-localstack.ts';
import { COURSES } from './interpreter/courses.ts';
import { INVENTED_COURSES } from './interpreter/invented-courses.ts';
import { type LambdaEndpoint, serveFunctions } from './interpreter/lambda-endpoint.ts';
import { createInterpreter } from './interpreter/localstack.ts';
import { eventsOf, namesOfStates, recordingOf, statesEntered } from './interpreter/recorded.ts';
import { comparable, storyOf } from './interpreter/story.ts';

/*
 * What runs on our interpreter is written down, and run again on LocalStack's, whose Tasks are answered as ours were. A Wait
 * and the wait before a retry end at once there; everything else is compared event by event.
 */
describe('the state machines on the Step Functions of LocalStack', () => {
  let functions: LambdaEndpoint;
  let interpreter: ReturnType<typeof createInterpreter>;
  let stop = async () => {};
  const entered = new Set<string>();

  before(async function () {
    this.timeout(300_000);
    functions = await serveFunctions();
    const python = await prepareLocalStack(() => undefined);
    const localStack = await startLocalStack({ python, lambdaUrl: functions.url });
    stop = localStack.stop;
    interpreter = createInterpreter(localStack.endpoint);
  });

  after(async () => {
    functions.close();
    await stop();
  });

  for (const [index, [title, take]] of [...COURSES, ...INVENTED_COURSES].entries()) {
    it(`take ${title} through the same states with the same payloads, retries and ends`, async () => {
      const recording = recordingOf(await take(`course-${index + 1}`));
      functions.play(recording.calls);
      await interpreter.define(recording);
      for (const { machine, name, input } of recording.roots) await interpreter.run(machine.name, name, input.text);
      assert.deepEqual(functions.unmatched(), { unexpected: [], unused: [] });
      for (const execution of recording.executions) {
        const { described, events } = await interpreter.replayed(execution.arn);
        assert.deepEqual(storyOf(events), storyOf(eventsOf(execution)), execution.arn);
        const { status, output, error, cause } = described;
        const end = [status, comparable(output), error, comparable(cause)];
        const { status: ours, output: result, error: name, cause: sentence } = execution;
        assert.deepEqual(end, [ours, comparable(result?.text), name, comparable(sentence)], execution.arn);
        for (const state of statesEntered(execution)) entered.add(state);
      }
    });
  }

  it('enter every state of the three definitions in one of these courses', () => {
    const all = stateMachines().flatMap(({ definition }) => namesOfStates(definition));
    assert.deepEqual(
      all.filter((name) => !entered.has(name)),
      [],
    );
  });
});
