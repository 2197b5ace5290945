/*
 * A report as Markdown for tickets and pull requests.
 *
 * section  a heading with a body; without a body there is no heading
 * escaped  text in which no character is Markdown
 */
import { plural } from '../../domain/text.ts';
import { type Figure, figuresOf } from '../model/figures.ts';
import { targetName } from '../model/headline.ts';
import type { BlockingSpan, NodeReport, NodeState, Report } from '../model/model.ts';
import {
  adoptionNote,
  duration,
  instantText,
  nodeWord,
  secondsBetween,
  shortNodeName,
  timeOfDay,
  usd,
} from '../model/text.ts';
import { inferenceNote, updatePairs } from '../model/update-words.ts';
import { bullets, code, consoleLink, escaped, ICONS, joined, section, table } from './parts.ts';

const spent = (node: NodeReport, ...states: NodeState[]): string => {
  const segments = node.attempts.flatMap((attempt) => attempt.segments).filter(({ state }) => states.includes(state));
  if (segments.length === 0) return '–';
  return duration(segments.reduce((sum, { startedAt, endedAt }) => sum + secondsBetween(startedAt, endedAt), 0));
};

function nodeRow(node: NodeReport): string[] {
  const last = node.attempts.at(-1);
  const isUnseen = last?.segments.some(({ state }) => state === 'unseen');
  const note =
    last?.error ?? last?.reason ?? (isUnseen ? 'drained between two observations' : (adoptionNote(node) ?? ''));
  return [
    consoleLink(shortNodeName(node), last?.consoleUrl),
    escaped(node.zone ?? ''),
    `${node.outcome === 'blocked' ? '❌ ' : ''}${nodeWord(node)}${node.attempts.length > 1 ? `, attempt ${node.attempts.length}` : ''}`,
    last === undefined ? '–' : timeOfDay(node.attempts[0]?.startedAt ?? last.startedAt),
    spent(node, 'draining'),
    spent(node, 'cordonWait', 'terminating'),
    `${node.evictedCount}${node.deletedCount > 0 ? ` + ${node.deletedCount} deleted` : ''}`,
    escaped(note),
  ];
}

const blockingRow = (pod: BlockingSpan): string[] => [
  escaped(`${pod.namespace}/${pod.name}`) + (pod.owner === undefined ? '' : ` (${escaped(pod.owner)})`),
  escaped(shortNodeName(pod)),
  escaped(pod.detail),
  `${timeOfDay(pod.blockedFrom)}, ${duration(pod.blockedSeconds)}`,
  pod.outcome === 'blocked' ? '**not resolved**' : 'left',
  escaped(pod.advice),
];

const LIMIT = 50;

const capped = <T>(rows: readonly T[], render: (shown: readonly T[]) => string, noun: string): string =>
  rows.length === 0
    ? ''
    : render(rows.slice(0, LIMIT)) +
      (rows.length > LIMIT ? `\n\n…and ${plural(rows.length - LIMIT, `more ${noun}`)}.` : '');

function planLines(report: Report): string[] {
  const { plan } = report;
  if (plan === undefined) return [];
  const from = plan.current.map(({ amiId, nodes }) => `${code(amiId)} (${plural(nodes, 'node')})`).join(', ');
  const to = `${escaped(targetName(plan))}${plan.target.amiId === undefined ? '' : ` (${code(plan.target.amiId)})`}`;
  const rule = ({ nodes, rule: text }: { nodes?: number; rule?: string }): string =>
    `${nodes ?? '?'}${text === undefined ? '' : `: ${escaped(text)}`}`;
  return [
    `AMI: ${from} → ${to}${plan.target.source === undefined ? '' : `, from ${escaped(plan.target.source)}`}`,
    `Parallelism ${rule(plan.parallelism)}`,
    `Surge ${rule(plan.surge)}`,
    ...(plan.blockingPodCount > 0 ? [`${plural(plan.blockingPodCount, 'pod')} expected to block a drain`] : []),
  ];
}

function updateText(report: Report): string {
  const { update } = report;
  if (update === undefined) return '';
  const facts = updatePairs(update).map(([name, value]) => `${name}: ${escaped(value)}`);
  return `${bullets(facts)}\n\n${escaped(inferenceNote(report) ?? '')}`;
}

/** Why a run failed, and what to do. */
export function failureText({ failure, advice }: Pick<Report, 'failure' | 'advice'>): string {
  if (failure === undefined) return '';
  const quote = `> **${escaped(failure.error)}**${failure.state === undefined ? '' : ` in ${escaped(failure.state)}`}: ${escaped(failure.cause)}`;
  const next = [...failure.recovery, ...advice].map(escaped);
  return next.length === 0 ? quote : `${quote}\n\n${bullets(next)}`;
}

/** Where and when a run ran, and how it went. */
function headOf(report: Report): string[] {
  const { execution } = report;
  const group = report.plan?.nodegroupName ?? report.plan?.autoScalingGroupName;
  const place = [report.plan?.clusterName, group, execution.region].filter((text) => text !== undefined && text !== '');
  const facts = [
    ...(place.length === 0 ? [] : [escaped(place.join(' / '))]),
    `started ${instantText(execution.startedAt)}${execution.startedBy === undefined ? '' : ` by ${escaped(execution.startedBy)}`}`,
    ...(execution.stoppedAt === undefined ? [] : [`ended ${instantText(execution.stoppedAt)}`]),
  ];
  return [`# ${ICONS[report.status]} ${escaped(report.headline)}`, facts.join(' · ')];
}

/** Key figures as a table. */
export const figureTable = (figures: readonly Figure[]): string =>
  table(
    ['', ''],
    figures.map(({ name, value, note }) => [
      escaped(name),
      `**${escaped(value)}**${note === undefined ? '' : ` ${escaped(note)}`}`,
    ]),
  );

const phaseTable = (phases: Report['phases']): string =>
  phases.length === 0
    ? ''
    : table(
        ['Phase', 'Started', 'Took'],
        phases.map((phase) => [
          `${phase.title}${phase.carriedOutBy === undefined ? '' : ` by ${phase.carriedOutBy}`}${phase.hasFailed ? ' ❌' : ''}`,
          timeOfDay(phase.startedAt),
          phase.endedAt === undefined ? 'in progress' : duration(secondsBetween(phase.startedAt, phase.endedAt)),
        ]),
      );

/** All sections of a report below its headline. */
export function markdownSections(report: Report): string[] {
  const { execution, phases, nodes, blockingPods } = report;
  return [
    failureText(report),
    section('Key figures', figureTable(figuresOf(report))),
    section('Warnings', bullets(report.warnings.map(escaped))),
    section('Phases', phaseTable(phases)),
    section('Plan', bullets(planLines(report))),
    section('EKS update', updateText(report)),
    section(
      'Blocking pods',
      capped(
        blockingPods,
        (shown) => table(['Pod', 'Node', 'Reason', 'Since', 'Outcome', 'What to do'], shown.map(blockingRow)),
        'pod',
      ),
    ),
    section(
      'Nodes',
      nodes.length === 0
        ? ''
        : table(
            ['Node', 'Zone', 'Outcome', 'Started', 'Drain', 'Cordon wait and termination', 'Evicted', 'Note'],
            nodes.map(nodeRow),
          ),
    ),
    section(
      'Retries',
      bullets(
        report.retries
          .slice(0, LIMIT)
          .map(
            (retry) =>
              `${retry.count} × ${escaped(retry.error)} in ${escaped(retry.state)}${retry.instanceId === undefined ? '' : ` of ${code(retry.instanceId)}`}: ${escaped(retry.message)}`,
          ),
      ),
    ),
    `Execution ${code(execution.arn)}; ${plural(report.cost.stateTransitions, 'state transition')}, ${usd(report.cost.stepFunctionsUsd)}.`,
  ];
}

/** Render a report as Markdown for tickets and pull requests. */
export const renderMarkdown = (report: Report): string =>
  `${joined([...headOf(report), ...markdownSections(report)])}\n`;
