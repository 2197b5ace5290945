import { enumeration, plural } from '../../domain/text.ts';
import type { PlanReport } from '../../report/model/model.ts';
import { duration, usd } from '../../report/model/text.ts';
import { wrapped } from '../display/cells.ts';
import { paint, type Span, span } from '../display/paint.ts';

const LABEL_WIDTH = 14;

function field(name: string, value: string | undefined, columns: number): Span[][] {
  if (value === undefined || value === '') return [];
  const [first = '', ...rest] = wrapped(value, columns - LABEL_WIDTH - 2);
  const indent = ' '.repeat(LABEL_WIDTH + 2);
  return [
    [span(`  ${name.padEnd(LABEL_WIDTH)}`, 'dim'), span(first)],
    ...rest.map((line) => [span(indent), span(line)]),
  ];
}

const listed = (sentences: readonly string[], columns: number): Span[][] =>
  sentences.flatMap((sentence) =>
    wrapped(sentence, columns - 4).map((line, index) => [span(index === 0 ? '  - ' : '    '), span(line)]),
  );

const explained = ({ nodes, rule }: { nodes?: number; rule?: string }): string | undefined =>
  nodes === undefined ? undefined : `${nodes}${rule === undefined ? '' : ` (${rule})`}`;

const MAX_NODES = 12;

function nodesText({ nodes, outdatedNodes }: PlanReport): string {
  const names = outdatedNodes
    .slice(0, MAX_NODES)
    .map(({ nodeName, instanceId }) => nodeName?.split('.')[0] ?? instanceId);
  const more = (nodes.outdated ?? outdatedNodes.length) - names.length;
  const list = more > 0 ? `${names.join(', ')} and ${more} more` : enumeration(names);
  return `${nodes.outdated ?? '?'} of ${nodes.total ?? '?'} outdated${list === '' ? '' : `: ${list}`}`;
}

/** A plan for people, in lines. */
export function planText(plan: PlanReport, { columns, colour }: { columns: number; colour: boolean }): string[] {
  const width = Math.max(50, Math.min(columns, 110));
  const { target, estimate, current } = plan;
  const from = current.map(({ amiId, nodes }) => `${amiId} (${plural(nodes, 'node')})`).join(', ');
  const to = [target.amiId, target.releaseVersion, target.amiName].filter((text) => text !== undefined).join(', ');
  const group = plan.nodegroupName ?? plan.autoScalingGroupName;
  const takes =
    estimate.durationSeconds === undefined
      ? undefined
      : `about ${duration(estimate.durationSeconds)}, ${(estimate.extraInstanceHours ?? 0).toFixed(1)} extra instance-hours, ${usd(estimate.stepFunctionsUsd ?? 0)} for Step Functions${estimate.assumptions === undefined ? '' : ` (${estimate.assumptions})`}`;
  const lines: Span[][] = [
    ...(plan.summary === undefined ? [] : [[span(plan.summary, 'bold')], []]),
    ...field('Group', [plan.clusterName, group].filter(Boolean).join(' / '), width),
    ...field('From', from, width),
    ...field('To', to, width),
    ...field('Chosen by', target.source, width),
    ...field('Nodes', nodesText(plan), width),
    ...(plan.isNothingToDo
      ? []
      : [
          ...field('At a time', explained(plan.parallelism), width),
          ...field('Surge', explained(plan.surge), width),
          ...field('Takes', takes, width),
          ...field('Admission', plan.admission, width),
        ]),
  ];
  if (plan.warnings.length > 0) {
    lines.push([], [span(plural(plan.warnings.length, 'warning'), 'warn')], ...listed(plan.warnings, width));
  }
  if (plan.blockingPods.length > 0) {
    const title = `${plural(plan.blockingPodCount, 'pod')} would block a drain`;
    const sentences = plan.blockingPods.map(
      ({ namespace, name, owner, detail, advice }) =>
        `${namespace}/${name}${owner === undefined ? '' : ` (${owner})`}: ${detail} ${advice}`,
    );
    const more = plan.blockingPodCount - plan.blockingPods.length;
    lines.push([], [span(title, 'bad')], ...listed(more > 0 ? [...sentences, `and ${more} more`] : sentences, width));
  }
  return lines.map((line) => paint(line, colour));
}
