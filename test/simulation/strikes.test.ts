import assert from 'node:assert/strict';
import { inEachContainer } from 'eks-sandbox/lambda';
import { describe, it } from 'mocha';
import type { Strike, StrikeMode } from '../../simulation/case.ts';
import { actionOf } from '../../simulation/seams/action.ts';
import { createInvocations } from '../../simulation/seams/invocation.ts';
import { createStrikes, type StrikeContext, strikeOn } from '../../simulation/seams/strikes.ts';

/** A world in which nothing takes time, and what is asked of it. */
function context() {
  const asked: string[] = [];
  const given: StrikeContext = {
    sleep: async (seconds) => void asked.push(`sleeps ${seconds} s`),
    hang: () => new Promise(() => {}),
    timeout: (seconds, callback) => {
      asked.push(`after ${seconds} s`);
      callback();
    },
    isOver: () => false,
    stopRuns: () => void asked.push('runs are stopped'),
  };
  return { given, asked };
}

/** Strike one request of a function. @returns how the function's call ended, and what happened */
async function strike(mode: StrikeMode, seconds?: number) {
  const { given, asked } = context();
  const invocations = createInvocations();
  const work = async () => {
    asked.push('takes effect');
    return 'answer';
  };
  let isSilent = false;
  const call = invocations.run('drainNode', {}, async (invocation) => {
    const answer = await strikeOn(mode, work, { seam: 'aws', invocation, seconds }, given).finally(() => {
      isSilent = invocation.container.isSilent;
    });
    return answer;
  });
  const ended = await call.catch((failure: Error) => failure.name);
  return { ended, asked, isSilent };
}

describe('a strike', () => {
  const MODES: readonly (readonly [mode: StrikeMode, ended: unknown, asked: readonly string[]])[] = [
    ['failsBefore', 'sandbox.ConnectionLost', []],
    ['answerLost', 'sandbox.ConnectionLost', ['takes effect']],
    ['late', 'answer', ['sleeps 45 s', 'takes effect']],
    ['twice', 'answer', ['takes effect', 'takes effect']],
    ['diesBefore', 'Runtime.ExitError', []],
    ['diesAfter', 'Runtime.ExitError', ['takes effect']],
    ['timesOut', 'Sandbox.Timedout', ['takes effect', 'after 45 s']],
    ['stopExecution', 'answer', ['runs are stopped', 'takes effect']],
  ];
  for (const [mode, ended, asked] of MODES)
    it(`${mode}: ${asked.join(', ') || 'nothing happens'}, and the function ends with ${ended}`, async () => {
      const seen = await strike(mode, 45);
      assert.deepEqual([seen.ended, seen.asked], [ended, asked]);
    });

  for (const mode of ['diesBefore', 'diesAfter', 'timesOut'] as const)
    it(`${mode}: what the function kept in memory is gone, and no later call waits for it`, async () => {
      const { given } = context();
      const invocations = createInvocations();
      const memoryOf = inEachContainer(() => ({}));
      const memories: object[] = [];
      const remember = async () => void memories.push(memoryOf());
      await invocations.run('drainNode', {}, remember);
      const struck = invocations.run('drainNode', {}, (invocation) =>
        strikeOn(mode, remember, { seam: 'aws', invocation, seconds: 45 }, given),
      );
      await assert.rejects(struck);
      await invocations.run('drainNode', {}, remember);
      assert.equal(memories[0] === memories.at(-1), false);
    });

  const passages = ['GET nodes', 'PATCH nodes', 'GET nodes', 'PATCH nodes'].map((action) => ({
    seam: 'kubernetes' as const,
    functionKey: 'drainNode',
    action,
  }));
  const struckBy = (given: Partial<Strike>) => {
    const strikeFor = createStrikes([{ seam: 'kubernetes', number: 1, mode: 'late', ...given }]);
    return passages.flatMap((passage, index) => (strikeFor(passage) === undefined ? [] : index));
  };
  const WHICH: readonly (readonly [what: string, given: Partial<Strike>, struck: readonly number[]])[] = [
    ['the n-th request', { number: 3 }, [2]],
    ['the n-th that begins like this', { match: 'PATCH', number: 2 }, [3]],
    ['only those of one function', { function: 'cordonNode' }, []],
    ['only those of one seam', { seam: 'aws' }, []],
    ['requests of either seam', { seam: 'request', number: 2 }, [1]],
    ['none when fewer are sent', { number: 9 }, []],
  ];
  for (const [what, given, struck] of WHICH)
    it(`hits ${what}`, () => {
      assert.deepEqual(struckBy(given), struck);
    });
});

describe('the name of a request', () => {
  const request = (method: string, path: string, body = '', headers = {}) => ({
    method,
    path,
    body,
    headers,
    query: new URLSearchParams(),
  });
  const NAMES: readonly (readonly [plane: 'aws' | 'kubernetes', given: ReturnType<typeof request>, name: string])[] = [
    ['kubernetes', request('GET', '/api/v1/nodes'), 'GET nodes'],
    ['kubernetes', request('PATCH', '/api/v1/nodes/ip-10-0-0-1'), 'PATCH nodes'],
    ['kubernetes', request('GET', '/api/v1/namespaces/shop'), 'GET namespaces'],
    ['kubernetes', request('POST', '/api/v1/namespaces/shop/pods/web-0/eviction'), 'POST pods/eviction'],
    ['kubernetes', request('PUT', '/apis/coordination.k8s.io/v1/namespaces/own/leases/workers'), 'PUT leases'],
    ['aws', request('POST', '/', 'Action=DescribeAutoScalingGroups&Version=1'), 'DescribeAutoScalingGroups'],
    ['aws', request('POST', '/', '{}', { 'x-amz-target': 'AWSStepFunctions.StartExecution' }), 'StartExecution'],
    ['aws', request('GET', '/clusters/shop'), 'GET /clusters/shop'],
  ];
  for (const [plane, given, name] of NAMES)
    it(`is ${name} for ${given.method} ${given.path} of ${plane}`, () => {
      assert.equal(actionOf(given, plane), name);
    });
});
