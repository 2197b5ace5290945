import type { StepFunctions } from '../../../step-functions/state-machines.ts';
import { double, integer, within } from '../../input-shapes.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { invalid } from '../refusals.ts';
import { mapRunDescription, mapRunItem, withoutUndefined } from '../responses.ts';
import { getExecution, getMapRun } from '../state.ts';
import { arnShape, longArnShape } from './arns.ts';
import { nextTokenShape, pagingMembers, statesPage } from './pages.ts';

const updateMapRun = (stepFunctions: StepFunctions) =>
  action(
    {
      mapRunArn: longArnShape,
      maxConcurrency: within(integer, 0),
      toleratedFailurePercentage: within(double, 0, 100),
      toleratedFailureCount: within(integer, 0),
    },
    ({ mapRunArn, ...changes }) => {
      const run = getMapRun(stepFunctions, mapRunArn);
      if (run.status !== 'RUNNING') throw invalid(`Map Run is ${run.status} and cannot be updated`);
      Object.assign(run, withoutUndefined(changes));
      run.proceed();
      return {};
    },
  );

/** Map Runs: the executions of Distributed Maps; lists have the newest first. */
export const mapRunActions = (stepFunctions: StepFunctions): Readonly<Record<string, Action>> => ({
  ListMapRuns: action({ ...pagingMembers, executionArn: arnShape }, ({ executionArn, ...paging }) => {
    const runs = stepFunctions.mapRunsOf(getExecution(stepFunctions, executionArn)).toReversed();
    const page = statesPage(runs, (run) => run.arn, paging);
    return { mapRuns: page.items.map(mapRunItem), ...nextTokenShape(page) };
  }),

  DescribeMapRun: action({ mapRunArn: longArnShape }, ({ mapRunArn }) =>
    mapRunDescription(getMapRun(stepFunctions, mapRunArn)),
  ),

  UpdateMapRun: updateMapRun(stepFunctions),
});
