import assert from 'node:assert/strict';
import { groupOfInput, isScheduled, runOfEvent } from '../../../domain/nodegroup/ended-run.ts';
import { EXECUTION_ARN } from '../builders.ts';

const of = (input: object | string | undefined) =>
  groupOfInput(EXECUTION_ARN, typeof input === 'object' ? JSON.stringify(input) : input);

describe('the end of an execution', () => {
  it('tells the group of a run by its input', () => {
    assert.deepEqual(of({ clusterName: 'shop', autoScalingGroupName: 'workers', alarms: [] }), {
      executionArn: EXECUTION_ARN,
      clusterName: 'shop',
      autoScalingGroupName: 'workers',
      nodegroupName: undefined,
    });
    assert.equal(of({ clusterName: 'shop', nodegroupName: 'blue' })?.nodegroupName, 'blue');
  });

  it('tells of the run that was continued, under whose name it holds the record', () => {
    const run = { executionArn: 'first', clusterName: 'shop', autoScalingGroupName: 'workers' };
    const found = of({ continued: { plan: { run } } });
    assert.deepEqual([found?.executionArn, found?.autoScalingGroupName], ['first', 'workers']);
  });

  for (const [title, input] of [
    ['a dry run', { clusterName: 'shop', autoScalingGroupName: 'workers', dryRun: true }],
    ['an input that names no cluster', { autoScalingGroupName: 'workers' }],
    ['an input that is not JSON', '{'],
    ['an input that EventBridge left out', undefined],
  ] as const) {
    it(`tells of no run for ${title}`, () => assert.equal(of(input), undefined));
  }

  it('is told apart from the schedule', () => {
    const detail = { executionArn: EXECUTION_ARN, input: '{"clusterName":"a","nodegroupName":"b"}' };
    const event = { detail: { ...detail, status: 'ABORTED' } };
    assert.deepEqual([isScheduled(event), isScheduled({ detail: {} }), isScheduled({})], [false, true, true]);
    assert.equal(runOfEvent(event)?.clusterName, 'a');
    assert.equal(runOfEvent({}), undefined);
    assert.equal(runOfEvent({ detail: { ...detail, status: 'RUNNING' } }), undefined, 'started or redriven');
  });
});
