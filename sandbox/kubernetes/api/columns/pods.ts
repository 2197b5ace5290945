import { conditionOf } from '../../conditions.ts';
import type { Pod } from '../../kinds/pod.ts';
import { ageOf } from '../human-duration.ts';
import { summarisePod } from '../pod-status.ts';
import { AGE, type Column, NAME, NONE, text, wide } from './column.ts';

function readyOf(pod: Pod): string {
  const { readyContainers, containers } = summarisePod(pod);
  return `${readyContainers}/${containers}`;
}

function restartsOf(pod: Pod, now: number): string {
  const { restarts, lastRestartAt } = summarisePod(pod);
  return restarts > 0 && lastRestartAt !== undefined ? `${restarts} (${ageOf(lastRestartAt, now)} ago)` : `${restarts}`;
}

function readinessGatesOf(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) => conditionOf(pod, conditionType)?.status === 'True');
  return `${open.length}/${gates.length}`;
}

export const POD_COLUMNS: readonly Column<Pod>[] = [
  NAME,
  text('Ready', readyOf),
  text('Status', (pod) => summarisePod(pod).status),
  text('Restarts', restartsOf),
  AGE,
  wide(text('IP', ({ status }) => status?.podIP || NONE)),
  wide(text('Node', ({ spec }) => spec.nodeName || NONE)),
  wide(text('Nominated Node', ({ status }) => status?.nominatedNodeName || NONE)),
  wide(text('Readiness Gates', readinessGatesOf)),
];
