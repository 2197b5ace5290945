import type { StepFunctions } from '../../../step-functions/state-machines.ts';
import { type Action, action } from '../../service-from-actions.ts';
import { machineDescription, machineItem, machineOfExecution } from '../responses.ts';
import { getExecution, getMachine, getTaggedMachine } from '../state.ts';
import { arnShape } from './arns.ts';
import { nextTokenShape, pagingMembers, statesPage } from './pages.ts';

/** State machines. */
export const stateMachineActions = (stepFunctions: StepFunctions): Readonly<Record<string, Action>> => ({
  ListStateMachines: action(pagingMembers, (paging) => {
    const sorted = stepFunctions.machines.toSorted((left, right) => (left.name < right.name ? -1 : 1));
    const page = statesPage(sorted, (machine) => machine.arn, paging);
    return { stateMachines: page.items.map(machineItem), ...nextTokenShape(page) };
  }),

  DescribeStateMachine: action({ stateMachineArn: arnShape }, ({ stateMachineArn }) =>
    machineDescription(stepFunctions, getMachine(stepFunctions, stateMachineArn)),
  ),

  DescribeStateMachineForExecution: action({ executionArn: arnShape }, ({ executionArn }) =>
    machineOfExecution(stepFunctions, getExecution(stepFunctions, executionArn)),
  ),

  ListTagsForResource: action({ resourceArn: arnShape }, ({ resourceArn }) => {
    getTaggedMachine(stepFunctions, resourceArn);
    return { tags: [] };
  }),
});
