import { randomUuid } from '../expressions/intrinsics.ts';
import type { MapRunKeeper } from '../interpreter/distributed-map.ts';
import { executionArn, mapRunArn, stateMachineArn } from './arns.ts';
import type { MapRun } from './map-run.ts';
import { closeExecution, type ExecutionContext, instantOf, runExecution } from './run-execution.ts';

/** Create what Distributed Maps need: Map Runs, and their child executions. */
export function createMapRunKeeper(context: ExecutionContext): MapRunKeeper {
  const { place, ids, records } = context;
  return {
    openMapRun({ thread: { execution: parent }, state, stateName }, details) {
      const label = state.Label ?? stateName;
      const mapRun: MapRun = {
        ...details,
        arn: mapRunArn(place, parent.machine.name, label, randomUuid(ids)),
        label,
        stateMachineArn: stateMachineArn(place, `${parent.machine.name}/${label}`),
        parent,
        startedAt: instantOf(context),
      };
      records.mapRuns.set(mapRun.arn, mapRun);
      const earlier = records.mapRunsByExecution.get(parent) ?? [];
      records.mapRunsByExecution.set(parent, [...earlier, mapRun]);
      return mapRun;
    },
    startChild(mapRun, { ItemProcessor: definition }, input, { onStarted, onClosed }) {
      const { machine } = mapRun.parent;
      const name = randomUuid(ids);
      runExecution(
        context,
        {
          arn: executionArn(place, `${machine.name}/${mapRun.label}`, name),
          name,
          machine,
          stateMachineArn: mapRun.stateMachineArn,
          definition,
          input,
          mapRun,
          onClosed: new Set([onClosed]),
        },
        (child) => {
          mapRun.children.push(child);
          onStarted(child);
        },
      );
    },
    abortChild: (child) => closeExecution(context, child, 'ABORTED', {}),
  };
}
